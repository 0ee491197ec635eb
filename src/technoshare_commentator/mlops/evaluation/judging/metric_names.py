"""The names of metrics, as rules of the gate spell them: `pass_rate`, `brevity/pass@3`, `latency_seconds/p95`."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

COUNTS = ("cases", "cases_passed", "pass_rate", "errors", "flakiness")
TOTALS = ("input_tokens", "output_tokens", "cost_usd")
SPREADS = ("latency_seconds", *TOTALS)  # of which there are percentiles, a mean and a maximum
REGRESSIONS = "regressions"  # the gate finds them in the comparison with the baseline
_OF_SPREAD = re.compile(r"p[1-9][0-9]?|mean|max")
_OF_SCORER = re.compile(r"pass_rate|mean|regressions|pass[@^][1-9][0-9]*")


@dataclass(frozen=True)
class MetricName:
    """A name taken apart: the subject alone, or `subject/statistic` of a scorer or of one of `SPREADS`."""

    subject: str
    statistic: str = ""

    @property
    def scorer(self) -> str:
        """The scorer it is about, empty where it is about whole cases."""
        return self.subject if self.statistic and self.subject not in SPREADS else ""

    @property
    def k(self) -> int:
        """The number of trials that pass@k and pass^k speak of, 0 for other metrics."""
        return int(self.statistic[5:]) if self.statistic[:5] in {"pass@", "pass^"} else 0

    def __str__(self) -> str:
        return f"{self.subject}/{self.statistic}" if self.statistic else self.subject


def parse_metric(name: str) -> MetricName:
    """Take a metric's name apart; raises `ConfigurationError` with the one that was probably meant."""
    subject, slash, statistic = name.rpartition("/")
    if not slash and name in {*COUNTS, *TOTALS, REGRESSIONS}:
        return MetricName(name)
    if subject and (_OF_SPREAD if subject in SPREADS else _OF_SCORER).fullmatch(statistic):
        return MetricName(subject, statistic)
    if subject in SPREADS or name in SPREADS:
        raise ConfigurationError(f"no metric is called {name!r}; say {subject or name}/p95 (p1 to p99), /mean or /max")
    known = [*COUNTS, *TOTALS, REGRESSIONS, *(f"{spread}/{kind}" for spread in SPREADS for kind in ("p95", "mean"))]
    ways = ("pass_rate", "mean", "pass@3", "pass^3", REGRESSIONS)
    close = probably_meant(name, [*known, *(f"{subject}/{way}" for way in ways if subject)])
    hint = f"did you mean {close!r}?" if close else f"of a scorer say {subject or name}/{', /'.join(ways)}"
    raise ConfigurationError(f"no metric is called {name!r}; {hint}")


def probably_meant(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The known name most like this one, empty where none is."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, likeness)), "")


def mlflow_name(name: str) -> str:
    """A metric's name in characters that MLflow takes: `brevity/pass@3` is `brevity/pass_at_3`, ^ becomes `_all_`."""
    return re.sub(r"/pass([@^])(\d+)$", lambda found: f"/pass_{'at' if found[1] == '@' else 'all'}_{found[2]}", name)
