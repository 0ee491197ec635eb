"""Rules of the gate as people write them, `pass_rate[github] >= 0.98`, and the line that says what came of one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.metric_names import REGRESSIONS, MetricName, parse_metric

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.session_results import RuleResult

_RULE = re.compile(
    r"(?P<name>.*[^\s<>=])\s*(?P<operator>>=|<=|==|>|<)\s*(?P<bound>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
)
_TAGGED = re.compile(r"(?P<metric>[^\[\]]+?)\s*\[\s*(?P<tag>[^\[\]]+?)\s*\]")
_NOISE = {"rel_tol": 1e-9, "abs_tol": 1e-12}  # what sums and quotients of floats are off by
_SMALL = 1e-3  # below it, digits are counted from the first that is not zero
_FORM = "a rule is a metric, optionally a [tag], one of >= <= > < == and a number: pass_rate[github] >= 0.9"


@dataclass(frozen=True)
class Rule:
    """A metric, of the cases with `tag` if there is one, held against a bound; `bound_text` is that as written."""

    metric: MetricName
    tag: str
    operator: str
    bound_text: str

    @property
    def bound(self) -> float:
        """The number that the metric is held against."""
        return float(self.bound_text)

    @property
    def needs_baseline(self) -> bool:
        """Whether it speaks of regressions."""
        return REGRESSIONS in {self.metric.subject, self.metric.statistic}

    @property
    def text(self) -> str:
        """The rule as the gate's results have it."""
        tag = f"[{self.tag}]" if self.tag else ""
        return f"{self.metric}{tag} {self.operator} {self.bound_text}"

    def holds(self, value: float) -> bool:
        """Whether a value keeps the rule; noise of floats neither makes nor breaks it."""
        return _holds(value, self.operator, self.bound)


def parse_rule(text: str) -> Rule:
    """Read a rule; raises `ConfigurationError` naming the rule and the fix."""
    parts = _RULE.fullmatch(text.strip())
    if parts is None:
        raise ConfigurationError(f"rule {text!r}: {_FORM}")
    tagged = _TAGGED.fullmatch(parts["name"])
    try:
        metric = parse_metric(tagged["metric"] if tagged else parts["name"])
    except ConfigurationError as error:
        raise ConfigurationError(f"rule {text!r}: {error}") from error
    return Rule(metric, tagged["tag"] if tagged else "", parts["operator"], parts["bound"])


def only_informs(rule: Rule, why: str) -> str:
    """What is wrong with a rule about a scorer that may only inform."""
    return f"rule {rule.text!r}: {rule.metric.scorer!r} may inform but not gate: {why}; until it may, take the rule out"


def line(result: RuleResult) -> str:
    """What came of a rule, as in `pass_rate: 0.9423 >= 0.98 — failed`."""
    parts = _RULE.fullmatch(result.rule)
    variant = f" {{{result.variant}}}" if result.variant else ""
    if parts is None or result.value is None:
        name = parts["name"] if parts else result.rule
        return f"{name}{variant}: {result.note or 'not measured'} — {result.verdict}"
    value = _shown(result.value, parts["operator"], float(parts["bound"]))
    note = f" ({result.note})" if result.note else ""
    return f"{parts['name']}{variant}: {value} {parts['operator']} {parts['bound']} — {result.verdict}{note}"


def _holds(value: float, operator: str, bound: float) -> bool:
    same = math.isclose(value, bound, **_NOISE)
    if operator in {">", "<"} and same:
        return False
    more = value > bound
    return (same and "=" in operator) or (operator[0] == ">" and more) or (operator[0] == "<" and value < bound)


def _shown(value: float, operator: str, bound: float) -> str:
    """A number of four digits, or of as many as it takes not to contradict the verdict beside it."""
    form = "g" if 0 < abs(value) < _SMALL else "f"
    for digits in (4, 6, 9, 12):
        text = f"{value:.{digits}{form}}"
        text = text.rstrip("0").rstrip(".") if form == "f" and "." in text else text
        if _holds(float(text), operator, bound) == _holds(value, operator, bound):
            return text
    return repr(value)
