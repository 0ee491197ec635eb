"""Which scorers may gate in this session, as the ini value `eval_calibration` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.pytest_plugin.options import ini_file

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.informing import Reason
    from technoshare_commentator.mlops.evaluation.judging.calibration import Calibration
    from technoshare_commentator.mlops.evaluation.judging.gate import Gate
    from technoshare_commentator.mlops.evaluation.scorer import Score

_key: pytest.StashKey[Calibration | None] = pytest.StashKey()


def calibration_of(config: pytest.Config) -> Calibration | None:
    """What the project requires of its judges, read once a process; None where it requires nothing.

    Raises `ConfigurationError` for what is wrong in its files.
    """
    if _key not in config.stash:
        from technoshare_commentator.mlops.evaluation.judging.calibration import (  # noqa: PLC0415 - only eval tests pay
            load_calibration,
        )

        file = ini_file(config, "eval_calibration")
        config.stash[_key] = load_calibration(file) if file is not None else None
    return config.stash[_key]


def why_informs(config: pytest.Config) -> Reason:
    """What says of a score why it only informs; nothing where the project has no calibration."""

    def reason(score: Score) -> str:
        calibration = calibration_of(config)
        return calibration.why_informs(score) if calibration is not None else ""

    return reason


def refuse_rules(calibration: Calibration | None, gate: Gate | None) -> None:
    """Raise `ConfigurationError` for a rule about a scorer that may only inform, before a case has cost money.

    Whether a judge still has the prompt and the model that it was calibrated with shows when it has spoken.
    """
    if calibration is None or gate is None:
        return
    from technoshare_commentator.mlops.evaluation.judging.gate_rules import only_informs  # noqa: PLC0415 - as above

    for rule in gate.rules:
        if why := calibration.why_not_calibrated(rule.metric.scorer):
            raise ConfigurationError(f"gate {gate.source!r}: {only_informs(rule, why)}")
