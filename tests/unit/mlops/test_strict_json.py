"""Whatever users have put into records can be written down and read again."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from technoshare_commentator.mlops.evaluation.running.journal import JournalledCase
from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseRow, ScoreRow, SpanRow, TestRow
from technoshare_commentator.mlops.strict_json import append_line, dump

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Inner:
    text: str = ""
    values: list[float] = field(default_factory=list)


class Outer(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="constants")

    inner: Inner = Inner()
    rows: tuple[Inner, ...] = ()
    models: tuple[ScoreRow, ...] = ()
    anything: Any = None


class Mute:
    def __str__(self) -> str:
        return "mute"


def score(text: str) -> ScoreRow:
    return ScoreRow(name="x", value=text, passed=True, rationale=text)


@pytest.mark.parametrize("text", ["smile 🙂", "half a smile \ud83d"], ids=["whole", "half"])
def test_half_a_character_becomes_a_question_mark_and_all_else_stays(text: str) -> None:
    inner = Inner(text, [1.5, math.nan, -math.inf])
    outer = Outer(inner=inner, rows=(inner,), models=(score(text),), anything={"a": [text, Mute()]})
    content = json.loads(dump(outer))
    clean = text.encode(errors="replace").decode()
    assert content["inner"]["text"] == content["rows"][0]["text"] == clean
    assert content["models"][0]["rationale"] == clean
    assert content["anything"] == {"a": [clean, "mute"]}
    assert repr(content["rows"][0]["values"]) == "[1.5, nan, -inf]"
    assert repr(Outer.model_validate_json(dump(outer)).inner.values) == "[1.5, nan, -inf]"


@given(st.text(st.characters(codec=None), max_size=12))
def test_a_case_is_read_again_whatever_its_tests_have_said(text: str) -> None:
    row = CaseRow(
        case_id="words/a",
        example_id="a",
        tests=(TestRow(nodeid="test_x", outcome="failed", message=text),),
        scores=(score(text),),
        run_tags={"tag": text},
    )
    detail = CaseDetail(input={"text": text}, shown=text, spans=(SpanRow(name="a", message=text),))
    read = JournalledCase.model_validate_json(dump(JournalledCase(row=row, detail=detail)))
    clean = text.encode(errors="replace").decode()
    assert read.row.tests[0].message == read.row.run_tags["tag"] == read.detail.spans[0].message == clean
    assert read.row.scores[0].rationale == clean
    assert read.detail.input == {"text": clean}


def test_lines_are_added_one_after_the_other(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    for line in (b"one", b"two", b"three"):
        append_line(file, line)
    assert file.read_bytes() == b"one\ntwo\nthree\n"


@pytest.mark.parametrize("cut", [b"{", b'{"cut', b"whole\n{"])
def test_a_line_that_was_cut_spoils_no_other(tmp_path: Path, cut: bytes) -> None:
    file = tmp_path / "lines"
    file.write_bytes(cut)
    append_line(file, b"next")
    append_line(file, b"last")
    assert file.read_bytes() == cut + b"\nnext\nlast\n"
