"""What the tests of the rules share."""

from __future__ import annotations

import pytest

from contract_case import Case, good_case


@pytest.fixture(scope="session")
def good() -> Case:
    """Return a case that keeps every rule."""
    return good_case()
