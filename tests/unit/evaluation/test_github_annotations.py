from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulated_session import row
from technoshare_commentator.mlops.evaluation.reporting.github import annotation_commands
from technoshare_commentator.mlops.evaluation.session_results import (
    CaseRow,
    GateResult,
    RuleResult,
    ScoreRow,
    SessionResults,
    TestRow,
)
from technoshare_commentator.visible_line import visible_line

# What a runner takes for a command; it ends properties at the first :: and splits them at commas.
COMMAND = re.compile(r"::(\w+)(?: (.*?))?::(.*)")
API_KEY = "sk-abcdefghijklmnop_qrstuvwxyz0"
SUITE = """
    import pytest

    def helper(): ...

    @pytest.mark.eval
    @pytest.mark.slow
    def test_plain(example): ...

    class TestGroup:
        class TestInner:
            async def test_method(self): ...

    if True:
        def test_conditional(): ...
"""


class Annotation(NamedTuple):
    level: str
    properties: dict[str, str]
    message: str


def read(command: str) -> Annotation:
    """What a runner makes of a line."""
    assert len(command.splitlines()) == 1
    found = COMMAND.fullmatch(command)
    assert found is not None
    pairs = (pair.partition("=") for pair in (found[2] or "").split(",") if pair)
    properties = {name: _decoded(value, {"3A": ":", "2C": ","}) for name, _, value in pairs}
    return Annotation(found[1], properties, _decoded(found[3], {}))


def _decoded(text: str, more: dict[str, str]) -> str:
    codes = {"25": "%", "0D": "\r", "0A": "\n", **more}
    return re.sub("%(..)", lambda found: codes.get(found[1], found[0]), text)


def failing(
    example_id: str, nodeid: str = "evals/test_links.py::test_plain[a]", why: str = "no", **more: Any
) -> CaseRow:
    score = ScoreRow(name="brief", value=False, passed=False, rationale=why, test=nodeid)
    tests = (TestRow(nodeid=nodeid, outcome="failed"),)
    return row(example_id, "failed").model_copy(update={"scores": (score,), "tests": tests, **more})


def session(*cases: CaseRow, **more: Any) -> SessionResults:
    return SessionResults(**{"cases": cases, "exit_status": 1, **more})


def broken_gate(*rules: str) -> GateResult:
    results = (RuleResult(rule=rule, value=0.5, verdict="failed") for rule in rules)
    return GateResult(source="gate.yaml", rules=tuple(results))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals" / "test_links.py").write_text(textwrap.dedent(SUITE).lstrip(), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("test", "line"),
    [
        ("test_plain[a]", "7"),
        ("test_plain[odd::name[x]]", "7"),
        ("TestGroup::TestInner::test_method", "11"),
        ("test_conditional[a]", "14"),
        ("test_gone[a]", None),
    ],
)
def test_a_failed_case_points_at_the_def_of_its_test(project: Path, test: str, line: str | None) -> None:
    (command,) = annotation_commands(session(failing("a", f"evals/test_links.py::{test}")), project)
    level, properties, message = read(command)
    assert (level, message) == ("error", "brief: no")
    assert properties == {"file": "evals/test_links.py", **({"line": line} if line else {}), "title": "a"}


def test_a_file_that_cannot_be_read_has_no_line(project: Path) -> None:
    (project / "evals" / "test_broken.py").write_text("def test_x(:", encoding="utf-8")
    cases = failing("a", "evals/test_gone.py::test_x"), failing("b", "evals/test_broken.py::test_x")
    files = [read(command).properties for command in annotation_commands(session(*cases), project)]
    assert files == [
        {"file": "evals/test_gone.py", "title": "a"},
        {"file": "evals/test_broken.py", "title": "b"},
    ]


def test_files_are_named_from_the_repository_though_tests_start_below_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.parent))
    (command,) = annotation_commands(session(failing("a")), project)
    assert read(command).properties["file"] == f"{project.name}/evals/test_links.py"


def test_of_several_tests_the_first_that_failed_is_pointed_at(project: Path) -> None:
    nodeids = [f"evals/test_links.py::test_{name}" for name in ("plain", "conditional")]
    tests = (TestRow(nodeid=nodeids[0], outcome="passed"), TestRow(nodeid=nodeids[1], outcome="error", message="boom"))
    (command,) = annotation_commands(session(row("a", "error", tests=tests)), project)
    assert read(command) == (
        "error",
        {"file": "evals/test_links.py", "line": "14", "title": "a"},
        "test_conditional: boom",
    )


def test_what_a_scorer_says_leads_to_the_test_it_was_asked_in(project: Path) -> None:
    first, second = (f"evals/test_links.py::test_{name}" for name in ("plain", "conditional"))
    scored = failing("a", second)
    tests = (TestRow(nodeid=first, outcome="failed", message="assert 1\n - 1\n + 2"), *scored.tests)
    (command,) = annotation_commands(session(scored.model_copy(update={"tests": tests})), project)
    _, properties, message = read(command)
    assert properties["line"] == "14"
    assert message == "brief: no\ntest_plain: assert 1\n- 1\n+ 2"


def test_a_long_message_is_cut(project: Path) -> None:
    tests = (TestRow(nodeid="t.py::t", outcome="failed", message="\n".join(map(str, range(100)))),)
    (command,) = annotation_commands(session(row("a", "failed", tests=tests)), project)
    assert read(command).message.split("\n")[-2:] == ["11", "…"]


def test_failed_rules_of_the_gate_are_one_annotation_before_the_cases(project: Path) -> None:
    gate = broken_gate("pass_rate >= 0.9", "brief/mean >= 0.8")
    first, second = map(read, annotation_commands(session(failing("a"), gate=gate), project))
    assert first.message == "pass_rate: 0.5 >= 0.9 — failed\nbrief/mean: 0.5 >= 0.8 — failed"
    assert (first.properties, second.properties["title"]) == ({"title": "the gate failed"}, "a")


@pytest.mark.parametrize(("gate", "shown"), [(None, 9), (broken_gate("pass_rate >= 0.9"), 8)])
def test_ten_at_most_and_the_last_says_how_many_more(project: Path, gate: GateResult | None, shown: int) -> None:
    cases = [*(failing(f"e{number}") for number in range(30)), row("worst", "error")]
    found = [read(command) for command in annotation_commands(session(*cases, gate=gate), project)]
    assert len(found) == 10
    assert found[-1].message.startswith(f"{31 - shown} failed cases more")
    assert found[10 - shown - 1].properties["title"] == "worst"


def test_ten_cases_are_shown_without_a_word_about_more(project: Path) -> None:
    found = [read(one) for one in annotation_commands(session(*(failing(f"e{n}") for n in range(10))), project)]
    assert [one.properties["title"] for one in found] == [f"e{n}" for n in range(10)]


def test_a_session_that_passed_all_the_same_has_warnings(project: Path) -> None:
    (command,) = annotation_commands(session(failing("a"), exit_status=0), project)
    assert read(command).level == "warning"


def test_a_session_without_failures_has_none(project: Path) -> None:
    assert annotation_commands(session(row("a"), exit_status=0), project) == []


def test_secrets_are_blotted_out(project: Path) -> None:
    (command,) = annotation_commands(session(failing("a", why=f"the key {API_KEY} was printed")), project)
    assert read(command).message == "brief: the key [redacted] was printed"


@given(st.text(), st.text())
@settings(deadline=None)
def test_any_text_stays_in_its_place(name: str, why: str) -> None:
    results = session(failing(f"id{name}", f"t,:%.py::test[{name}]", why=f"r{why}"))
    (command,) = annotation_commands(results, Path("/nowhere"))
    level, properties, message = read(command)
    assert (level, set(properties)) == ("error", {"file", "title"})
    shown = visible_line(f"id{name}")
    cut = f"{shown[:199]}…" if len(shown) > 200 else shown
    assert properties == {"file": "t,:%.py", "title": cut}
    assert message == visible_line(f"brief: r{why}")
