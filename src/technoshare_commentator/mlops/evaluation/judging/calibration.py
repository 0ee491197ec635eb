"""Which scorers agree with people well enough to gate: what a project requires, and what was measured on its labels.

# calibration.yaml
file: calibration.json      # what `technoshare evals calibrate --write` measured, beside this file
required_kappa:
  faithfulness: 0.6

A scorer named here gates only while its measured kappa is at least the required one and still true of it: for the same
labels, and for a judge the same prompt and model. A judge that is not named here only informs. Other scorers gate.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.metric_names import probably_meant
from technoshare_commentator.mlops.evaluation.session_results import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.judging.agreement import Agreement
    from technoshare_commentator.mlops.evaluation.scorer import Score

# What a judge says of itself in its scores' metadata.
JUDGE_PROMPT = "judge_prompt"
JUDGE_MODEL = "judge_model"

_CALIBRATE = "run technoshare evals calibrate --write"
M = TypeVar("M", bound=BaseModel)
Kappa = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False, strict=True)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Calibrated(_Frozen):
    """What was measured of one scorer; `labels` is a path as seen from the file, prompt and model are a judge's own."""

    labels: str
    labels_digest: str
    split: str
    pairs: int
    caught: int
    missed: int
    false_alarms: int
    cleared: int
    kappa: float | None
    kappa_interval: Interval | None
    note: str = ""
    prompt: str = ""
    model: str = ""

    @classmethod
    def of(
        cls, found: Agreement, *, labels: str, labels_digest: str, split: str, judge: Mapping[str, str]
    ) -> Calibrated:
        """The record of a measurement; `judge` is the metadata of the judge's scores."""
        return cls(
            labels=labels,
            labels_digest=labels_digest,
            split=split,
            pairs=found.pairs,
            caught=found.caught,
            missed=found.missed,
            false_alarms=found.false_alarms,
            cleared=found.cleared,
            kappa=found.kappa,
            kappa_interval=found.kappa_interval,
            note=found.note,
            prompt=judge.get(JUDGE_PROMPT, ""),
            model=judge.get(JUDGE_MODEL, ""),
        )


class _Measured(_Frozen):
    """The file that `technoshare evals calibrate --write` writes."""

    format: Literal[1] = 1
    scorers: dict[str, Calibrated] = Field(default_factory=dict)


class _Required(_Frozen):
    """The file that people write."""

    file: str = "calibration.json"
    required_kappa: dict[str, Kappa] = Field(default_factory=dict)


@dataclass(frozen=True)
class Calibration:
    """What is required of scorers, and what is known of them; `digests` are those of the label files by now."""

    source: Path
    file: Path
    required: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, Calibrated] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    def why_informs(self, score: Score) -> str:
        """Why a score may only inform; empty where it may gate."""
        is_judge = score.source_type == "LLM_JUDGE"
        if score.name not in self.required:
            return f"{str(self.source)!r} requires no kappa of this judge, so nobody knows it" if is_judge else ""
        return self.why_not_calibrated(score.name) or self._why_another(score, is_judge=is_judge)

    def why_not_calibrated(self, name: str) -> str:
        """Why the scorer of this name may only inform whatever it says; empty where it may gate, as far as is known."""
        required = self.required.get(name)
        if required is None:
            return ""
        known = self.measured.get(name)
        if known is None:
            return f"it has not been calibrated; {_CALIBRATE}"
        if known.labels_digest != self.digests.get(known.labels, ""):
            return f"{known.labels} has changed since it was calibrated; {_CALIBRATE}"
        if known.kappa is None:
            return f"its kappa is undefined: {known.note}"
        digits = 3 if round(known.kappa, 3) < required else 6  # 0.5998 would be said to be below 0.6 as 0.600
        return (
            f"its kappa {known.kappa:.{digits}f} is below the required {required:g}" if known.kappa < required else ""
        )

    def _why_another(self, score: Score, *, is_judge: bool) -> str:
        known = self.measured[score.name]
        for what, now, then in (
            ("prompt", score.metadata.get(JUDGE_PROMPT, ""), known.prompt),
            ("model", score.metadata.get(JUDGE_MODEL, ""), known.model),
        ):
            if is_judge and not now:
                return f"its scores do not say which {what} gave them (metadata 'judge_{what}')"
            if now != then:
                return f"it was calibrated with the {what} {then or 'of nobody'!r} and this is {now!r}; {_CALIBRATE}"
        return ""


def load_calibration(path: Path) -> Calibration:
    """Read what a project requires and what was measured; raises `ConfigurationError` with file, key, value and fix."""
    required = _checked(path, _Required, _yaml(path))
    file = path.parent / required.file
    measured = read_measured(file)
    digests = {one.labels: content_digest(file.parent / one.labels) for one in measured.values()}
    return Calibration(path, file, required.required_kappa, measured, digests)


def read_measured(file: Path) -> dict[str, Calibrated]:
    """What was measured of each scorer, by name; nothing where there is no file."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"{str(file)!r} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{str(file)!r} is no JSON: {error}; {_CALIBRATE}") from error
    return dict(_checked(file, _Measured, content).scorers)


def write_measured(file: Path, measured: Mapping[str, Calibrated]) -> None:
    """Write what was measured, beside what the file says of other scorers."""
    scorers = {**read_measured(file), **measured}
    content = _Measured(scorers={name: scorers[name] for name in sorted(scorers)})
    try:
        file.write_text(content.model_dump_json(indent=2) + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigurationError(f"{str(file)!r} cannot be written: {error.strerror}") from error


def content_digest(path: Path) -> str:
    """The first 16 digits of the sha256 of a JSON file's content, however it is laid out; empty where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _yaml(path: Path) -> Any:
    import yaml  # noqa: PLC0415 - a session without a calibration does without

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"the file of required kappas {str(path)!r} does not exist; make it, or mend the ini value eval_calibration"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{str(path)!r} is not valid YAML: {error}") from error
    return {} if content is None else content


def _checked(path: Path, model: type[M], content: Any) -> M:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            close = probably_meant(where, model.model_fields)
            hint = f"did you mean {close!r}?" if close else f"the keys are {', '.join(model.model_fields)}"
            raise ConfigurationError(f"{str(path)!r}: there is no key {where!r}; {hint}") from error
        fix = "a required kappa is a number from -1 to 1" if model is _Required else _CALIBRATE
        raise ConfigurationError(
            f"{str(path)!r}: {where or 'the file'}: {first['msg']} (got {first['input']!r}); {fix}"
        ) from error
