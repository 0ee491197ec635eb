"""What only a reader can tell, asked of MODEL_JUDGE; without one, there is nobody to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from suite import Check, commentaries

from technoshare_commentator import bootstrap
from technoshare_commentator.config import load_settings

if TYPE_CHECKING:
    from technoshare_commentator.domain import LinkResult

SETTINGS = load_settings()
if SETTINGS.model_judge is None:
    pytest.skip(bootstrap.JUDGES_ARE_OFF, allow_module_level=True)

JUDGES = bootstrap.Judges(SETTINGS, requests=bootstrap.recorded_requests())
faithfulness, relevance, hallucination = JUDGES.scorers()


@commentaries()
def test_judges(output: LinkResult, check: Check) -> None:
    check(output, faithfulness, relevance, hallucination)
