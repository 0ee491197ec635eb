from __future__ import annotations

import pytest
from pydantic import ValidationError

from technoshare_commentator.quality.example import CommentaryExample

ROW = {"id": "a", "url": "https://a.example", "slack_text": "<https://a.example>"}


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ({"page": "post.html"}, "pages/post.html"),
        ({"page": "dist:pytest"}, "dist:pytest"),
        ({"evidence": "evidence/a.json"}, "evidence/a.json"),
    ],
)
def test_the_source_of_an_example_is_its_page_or_its_evidence(given: dict[str, str], source: str) -> None:
    assert CommentaryExample.model_validate({**ROW, **given}).source == source


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "give either 'page' or 'evidence', what is behind the link; none is given"),
        ({"page": "post.html", "evidence": "evidence/a.json"}, "both are given"),
        ({"evidence": "post.html"}, r"evidence 'post.html' is no \.json file"),
    ],
)
def test_exactly_one_of_them_is_given(given: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CommentaryExample.model_validate({**ROW, **given})
