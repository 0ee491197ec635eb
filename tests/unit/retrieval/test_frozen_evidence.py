from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import EVIDENCE, URL
from technoshare_commentator.domain import Coverage, Evidence, Link, Snippet
from technoshare_commentator.errors import DatasetError
from technoshare_commentator.retrieval.frozen import FrozenRetriever
from technoshare_commentator.retrieval.frozen_evidence import evidence_from_json, evidence_to_json, read_evidence

if TYPE_CHECKING:
    from pathlib import Path

STRINGS = st.text(st.characters(exclude_categories=["Cs"]))
EVIDENCES = st.builds(
    Evidence,
    url=STRINGS,
    final_url=STRINGS,
    title=STRINGS,
    adapter_name=STRINGS,
    coverage=st.sampled_from(Coverage),
    coverage_reason=STRINGS,
    snippets=st.lists(st.builds(Snippet, id=STRINGS, text=STRINGS, section=STRINGS), max_size=3).map(tuple),
    sources=st.lists(STRINGS, max_size=2).map(tuple),
    metadata=st.dictionaries(STRINGS, STRINGS, max_size=2),
)


@given(evidence=EVIDENCES)
def test_evidence_comes_back_as_it_was(evidence: Evidence) -> None:
    assert evidence_from_json(evidence_to_json(evidence), "it") == evidence


def test_the_file_is_written_for_a_reviewer() -> None:
    text = evidence_to_json(EVIDENCE)
    assert '\n      "text": "One thing is known.",\n' in text
    assert text.endswith("}\n")


def test_a_frozen_retriever_gives_the_evidence_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "post.json").write_text(evidence_to_json(EVIDENCE), encoding="utf-8")
    retriever = FrozenRetriever({URL: "evidence/post.json"}, tmp_path)
    assert asyncio.run(retriever.retrieve(Link(url=URL))) == EVIDENCE


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "holds no evidence of this version: Invalid JSON"),
        ('{"title": "x"}', "key 'url': Field required; its keys are url, final_url, title"),
        (json.dumps({**EVIDENCE.model_dump(mode="json"), "covrage": 1}), "key 'covrage'"),
        (json.dumps({**EVIDENCE.model_dump(mode="json"), "url": "https://b.example"}), "from 'https://b.example', not"),
    ],
)
def test_a_file_that_is_no_evidence_of_the_link_says_why(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "post.json"
    path.write_text(content)
    with pytest.raises(DatasetError, match=message) as caught:
        read_evidence(path, URL)
    assert str(path) in str(caught.value)


def test_a_file_that_is_missing_names_the_link(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=rf"evidence of '{URL}', .*no\.json', cannot be read: No such file"):
        read_evidence(tmp_path / "no.json", URL)
