"""The gate: rules over a whole session, read from a YAML file, that decide its exit status.

# gate.yaml
max_cost_usd: 2.0
rules:
  - pass_rate >= 0.98
  - names_supported/pass_rate[github] >= 0.9
  - latency_seconds/p95 <= 30
  - regressions <= 0
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.gate_rules import Rule, line, parse_rule
from technoshare_commentator.mlops.evaluation.judging.gate_session import JudgedSession, judge_budget
from technoshare_commentator.mlops.evaluation.judging.metric_names import probably_meant
from technoshare_commentator.mlops.evaluation.session_results import GateResult

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.session_results import SessionResults

__all__ = ["Gate", "Rule", "line", "load_gate", "parse_rule"]

_NO_ERRORS = "errors <= 0"  # implied where a gate says nothing of errors


class _File(BaseModel):
    """A gate's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_cost_usd: float | None = Field(None, ge=0, allow_inf_nan=False, strict=True)
    rules: tuple[str, ...] = ()


def load_gate(path: Path) -> Gate:
    """Read a gate; raises `ConfigurationError` naming file, key or rule, value and fix."""
    try:
        file = _read(path)
        return Gate(str(path), tuple(parse_rule(rule) for rule in file.rules), file.max_cost_usd)
    except ConfigurationError as error:
        raise ConfigurationError(f"gate {str(path)!r}: {error}") from error


def _read(path: Path) -> _File:
    try:
        file = _File.model_validate(_content(path))
    except ValidationError as error:
        raise ConfigurationError(_problem(error)) from error
    if not file.rules and file.max_cost_usd is None:
        raise ConfigurationError("it asks nothing; write rules: [pass_rate >= 0.9] or max_cost_usd: 1.0")
    return file


def _content(path: Path) -> Any:
    import yaml  # noqa: PLC0415 - a session without a gate does without

    try:
        text = path.read_text(encoding="utf-8")
        _refuse_doubles(yaml.compose(text, yaml.SafeLoader))
        content = yaml.safe_load(text)
    except FileNotFoundError:
        raise ConfigurationError("there is no such file; make it, or mend --eval-gate") from None
    except OSError as error:
        raise ConfigurationError(f"it cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"it is not valid YAML: {error}") from error
    return {} if content is None else content


def _refuse_doubles(node: Any) -> None:
    """YAML's reader keeps the last of two equal keys, and the rules under the first would be gone without a word."""
    keys = [key.value for key, _ in node.value if isinstance(key.value, str)] if _is_mapping(node) else []
    for key in keys:
        if keys.count(key) > 1:
            raise ConfigurationError(f"key {key!r} stands twice; put both parts under one")


def _is_mapping(node: Any) -> bool:
    return getattr(node, "id", "") == "mapping"


def _problem(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        close = probably_meant(where, _File.model_fields)
        hint = f"did you mean {close!r}?" if close else f"the keys are {', '.join(_File.model_fields)}"
        return f"there is no key {where!r}; {hint}"
    kind = "rules is a list of texts such as pass_rate >= 0.9, max_cost_usd a number"
    return f"{where or 'the file'}: {first['msg']} (got {first['input']!r}); {kind}"


@dataclass(frozen=True)
class Gate:
    """Rules of one file, and the budget in US dollars if it names one."""

    source: str
    rules: tuple[Rule, ...]
    max_cost_usd: float | None = None

    def judge(self, results: SessionResults, *, selection: bool, known_scorers: Collection[str] = ()) -> GateResult:
        """Hold a session against every rule, for each variant on its own where several ran.

        In a selection of cases (`selection`) what was not measured fails nothing, and neither do the totals `cases`
        and `cases_passed`, which speak of all cases. `known_scorers` are names that exist though they may not have
        spoken. Raises `ConfigurationError` for a scorer or a tag that nobody knows, for a rule about a scorer that may
        only inform, and for one about regressions without a baseline.
        """
        rules = self.rules
        if not any(rule.metric.subject == "errors" and not rule.tag for rule in rules):
            rules = (*rules, parse_rule(_NO_ERRORS))
        session = JudgedSession(results, known_scorers, selection=selection)
        try:
            rows = [session.judge(rule, variant) for rule in rules for variant in session.variants]
        except ConfigurationError as error:
            raise ConfigurationError(f"gate {self.source!r}: {error}") from error
        if self.max_cost_usd is not None:
            rows.insert(0, judge_budget(results, self.max_cost_usd))
        return GateResult(source=self.source, rules=tuple(rows))
