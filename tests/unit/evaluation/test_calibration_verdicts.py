from __future__ import annotations

from pathlib import Path

import pytest

from technoshare_commentator.mlops.evaluation.judging.agreement import Agreement
from technoshare_commentator.mlops.evaluation.judging.calibration import Calibrated, Calibration

LABELS = "labels/faithfulness.json"


def why(found: Agreement, required: float) -> str:
    measured = Calibrated.of(found, labels=LABELS, labels_digest="d", split="all", judge={})
    here = Path("calibration.yaml")
    return Calibration(here, here, {"taste": required}, {"taste": measured}, {LABELS: "d"}).why_not_calibrated("taste")


def test_a_kappa_just_below_what_is_required_is_not_shown_as_the_same_number() -> None:
    found = Agreement(caught=67, missed=9, false_alarms=23, cleared=60)
    assert found.kappa == pytest.approx(0.5998, abs=1e-4)
    assert why(found, 0.6) == "its kappa 0.599811 is below the required 0.6"


def test_a_kappa_far_below_is_shown_with_three_digits() -> None:
    assert why(Agreement(caught=5, missed=5, false_alarms=5, cleared=5), 0.6) == (
        "its kappa 0.000 is below the required 0.6"
    )


def test_a_kappa_that_is_reached_leaves_nothing_to_say() -> None:
    assert why(Agreement(caught=5, missed=0, false_alarms=0, cleared=5), 1.0) == ""
