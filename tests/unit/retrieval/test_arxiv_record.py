from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.sources.arxiv_record import parse_record

if TYPE_CHECKING:
    from pathlib import Path

SPACES = 'xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'


def feed(title: str, summary: str = "An abstract.", more: str = "", head: str = "") -> bytes:
    entry = f"<entry><title>{title}</title><summary>{summary}</summary>{more}</entry>"
    return f"<?xml version='1.0'?>{head}<feed {SPACES}>{entry}</feed>".encode()


def test_a_record_gives_title_abstract_and_metadata() -> None:
    authors = "".join(f"<author><name>Author {n}</name></author>" for n in range(25))
    more = f"{authors}<category term='cs.CL'/><arxiv:doi>10.1/x</arxiv:doi><arxiv:comment> two\n lines </arxiv:comment>"
    record = parse_record(feed("On\n  Tests", "We test\n $\\alpha$.", more), "x")
    assert (record.title, record.abstract) == ("On Tests", "We test α.")
    assert record.metadata["authors"].startswith("Author 0, Author 1, ")
    assert record.metadata["authors"].endswith("Author 19, et al.")
    assert record.metadata["doi"] == "10.1/x"
    assert record.metadata["comment"] == "two lines"


def test_no_entity_is_expanded_or_read_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("from the file")
    head = f'<!DOCTYPE feed [<!ENTITY inner "from the entity"><!ENTITY outer SYSTEM "{secret.as_uri()}">]>'
    record = parse_record(feed("A &inner; B &outer; C", head=head), "x")
    assert "from the" not in record.title
    assert record.title.startswith("A")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_clear_error(body: bytes) -> None:
    with pytest.raises(FetchFailedError, match="arXiv"):
        parse_record(body, "2601.01234")
