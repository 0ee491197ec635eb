from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulated_session import Plan, row, score, simulate
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.baseline import read_baseline, updated_baseline, write_baseline
from technoshare_commentator.mlops.evaluation.judging.comparison import compare
from technoshare_commentator.mlops.evaluation.session_results import DatasetRow, SessionResults

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, Comparison

FIXTURE_IS_ONLY_A_FOLDER = [HealthCheck.function_scoped_fixture]
MAKE_ONE = "make a new one with: pytest --eval-update-baseline"


def session(*cases: CaseRow) -> SessionResults:
    return SessionResults(cases=cases)


def against(before: tuple[CaseRow, ...], after: tuple[CaseRow, ...]) -> Comparison:
    return compare(before, after, kind="baseline", before_name="before", after_name="after")


def written(tmp_path: Path, *cases: CaseRow) -> Path:
    path = tmp_path / "baseline.json"
    write_baseline(path, session(*cases))
    return path


def ids(results: SessionResults) -> list[tuple[str, str, int]]:
    return sorted(case.key for case in results.cases)


def test_a_baseline_is_one_sorted_line_a_case(tmp_path: Path) -> None:
    cases = [
        row("b", "failed", {"crashed": None, "brevity": 0.123456}, latency_seconds=3.0, cost_usd=1.0, trace_id="tr-1"),
        row("a", variant="small", trial=2, scores={"t": "LLMOps", "n": 1.0}),
        row("a", "error"),
        row("c", "skipped"),
    ]
    results = session(*cases).model_copy(
        update={
            "tags": {"mlflow.source.git.commit": "93cb011"},
            "session_id": "s1",
            "started_at": "2026-01-05",
            "datasets": (DatasetRow(name="links", version="3", digest="abc", source="/home/me/links.json"),),
        }
    )
    path = tmp_path / "evals" / "baseline.json"
    write_baseline(path, results)
    assert path.read_text(encoding="utf-8").splitlines() == [
        "{",
        '"format": 1,',
        '"git_commit": "93cb011",',
        '"datasets": [{"name": "links", "version": "3", "digest": "abc"}],',
        '"cases": [',
        '{"case": "links/a", "passed": false},',
        '{"case": "links/a", "variant": "small", "trial": 2, "passed": true, "scores": {"n": [true, 1.0], "t": true}},',
        '{"case": "links/b", "passed": false, "scores": {"brevity": [false, 0.1235], "crashed": false}}',
        "]",
        "}",
    ]
    json.loads(path.read_text(encoding="utf-8"))
    assert [one.name for one in path.parent.iterdir()] == ["baseline.json"]


@settings(max_examples=30, deadline=None, suppress_health_check=FIXTURE_IS_ONLY_A_FOLDER)
@given(seed=st.integers(0, 1000), crash=st.sampled_from([0.0, 0.1]), trials=st.integers(1, 3))
def test_a_session_compared_with_its_own_baseline_has_not_changed(
    tmp_path: Path, seed: int, crash: float, trials: int
) -> None:
    plan = Plan(examples=10, crash=crash, task_error=crash, trials=trials, variants={"small": 0.0, "large": 0.1})
    results, _ = simulate(plan, seed)
    path = tmp_path / "baseline.json"
    write_baseline(path, results)
    _, cases = read_baseline(path)
    assert {case.key: case.passed for case in cases} == {case.key: case.passed for case in results.cases}
    comparison = against(cases, results.cases)
    assert comparison.pairs == len(results.cases)
    assert comparison.newly_failing == comparison.newly_passing == ()
    assert {one.scorer: one.kind for one in comparison.scores}["brevity"] == "mean"
    for change in comparison.scores:
        assert change.after == pytest.approx(change.before, abs=5e-5 if change.kind == "mean" else 0)
    write_baseline(tmp_path / "again.json", results.model_copy(update={"cases": cases}))
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


@settings(max_examples=20, deadline=None, suppress_health_check=FIXTURE_IS_ONLY_A_FOLDER)
@given(seed=st.integers(0, 1000))
def test_a_baseline_finds_the_same_newly_failing_cases_as_the_session_it_was_made_of(tmp_path: Path, seed: int) -> None:
    before, after = (simulate(Plan(examples=15, crash=0.1, skip=0.1), one)[0] for one in (seed, seed + 1))
    write_baseline(tmp_path / "baseline.json", before)
    direct, read = (
        against(before.cases, after.cases),
        against(read_baseline(tmp_path / "baseline.json")[1], after.cases),
    )
    assert read.newly_failing == direct.newly_failing
    assert read.newly_passing == direct.newly_passing
    assert [(one.scorer, one.kind, one.pairs, one.p_value) for one in read.scores] == [
        (one.scorer, one.kind, one.pairs, one.p_value) for one in direct.scores
    ]


def test_the_order_in_which_cases_ran_changes_nothing(tmp_path: Path) -> None:
    results, _ = simulate(Plan(examples=5, trials=2))
    write_baseline(tmp_path / "one.json", results)
    write_baseline(tmp_path / "two.json", results.model_copy(update={"cases": results.cases[::-1]}))
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_a_scorer_of_several_tests_has_one_entry(tmp_path: Path) -> None:
    scores = (score("brevity", value=0.4), score("brevity", value=0.8))
    path = written(tmp_path, row("a", "failed").model_copy(update={"scores": scores}))
    assert '"scores": {"brevity": [false, 0.6]}' in path.read_text(encoding="utf-8")


def test_a_label_names_file_and_commit(tmp_path: Path) -> None:
    results, _ = simulate(Plan(examples=1))
    write_baseline(tmp_path / "baseline.json", results)
    assert read_baseline(tmp_path / "baseline.json")[0] == "baseline.json (93cb011aa0f0)"
    assert read_baseline(written(tmp_path, row("a")))[0] == "baseline.json"


def test_the_results_of_a_session_are_a_baseline_too(tmp_path: Path) -> None:
    results, _ = simulate(Plan(examples=3), seed=7)
    path = tmp_path / "eval_results.json"
    path.write_text(results.model_dump_json(), encoding="utf-8")
    label, cases = read_baseline(path)
    assert label == "eval_results.json (eval-7)"
    assert cases == results.cases


def test_a_selection_keeps_what_the_baseline_says_of_other_cases(tmp_path: Path) -> None:
    old = written(tmp_path, row("a"), row("b"), row("b", variant="large"), row("c", trial=1), row("c", trial=2))
    ran = session(row("b", "failed"), row("c"), row("new"), row("a", "skipped"))
    write_baseline(old, updated_baseline(old, ran, keep_others=True))
    _, cases = read_baseline(old)
    assert [(case.example_id, case.variant, case.trial, case.passed) for case in cases] == [
        ("a", "default", 1, True),
        ("b", "default", 1, False),
        ("b", "large", 1, True),
        ("c", "default", 1, True),
        ("new", "default", 1, True),
    ]


def test_a_whole_session_replaces_the_baseline(tmp_path: Path) -> None:
    old = written(tmp_path, row("a"), row("b"))
    ran = session(row("b"))
    assert updated_baseline(old, ran, keep_others=False) == ran


def test_the_first_baseline_is_the_session_alone(tmp_path: Path) -> None:
    ran = session(row("b"))
    assert updated_baseline(tmp_path / "none.json", ran, keep_others=True) == ran


def test_datasets_of_cases_that_were_kept_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    datasets = tuple(DatasetRow(name=name, digest="old") for name in ("links", "words", "unused"))
    write_baseline(path, session(row("a"), row("w", case_id="words/w")).model_copy(update={"datasets": datasets}))
    ran = session(row("a")).model_copy(update={"datasets": (DatasetRow(name="links", digest="new"),)})
    merged = updated_baseline(path, ran, keep_others=True)
    assert [(one.name, one.digest) for one in merged.datasets] == [("links", "new"), ("words", "old")]
    assert ids(merged) == [("links/a", "default", 1), ("words/w", "default", 1)]


def test_a_session_without_a_verdict_leaves_the_baseline_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, row("a"))
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="stays as it is: this session judged no case"):
        write_baseline(path, session(row("a", "skipped")))
    assert path.read_bytes() == before


def test_a_baseline_that_cannot_be_written_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "baseline.json").mkdir()
    with pytest.raises(ConfigurationError, match=r"baseline\.json' cannot be written: Is a directory"):
        written(tmp_path, row("a"))
    assert [one.name for one in tmp_path.iterdir()] == ["baseline.json"]


def test_a_baseline_behind_a_link_stays_there(tmp_path: Path) -> None:
    (tmp_path / "baseline.json").symlink_to(tmp_path / "real.json")
    path = written(tmp_path, row("a"))
    assert path.is_symlink()
    assert read_baseline(tmp_path / "real.json")[1] == read_baseline(path)[1]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is no JSON: "),
        ("<<<<<<< HEAD\n{", "it has the marks of a merge conflict, take either side"),
        ("[]", "the file: Input should be an object (got [])"),
        ('{"cases": []}', "format: Field required"),
        ('{"format": 2, "cases": []}', "format: Input should be 1 (got 2)"),
        ('{"format": 1, "cases": [{"case": "a"}]}', "cases.0.passed: Field required"),
        (
            '{"format": 1, "cases": [{"case": "a", "passed": 1}]}',
            "passed: Input should be a valid boolean (got 1)",
        ),
        ('{"format": 1, "cases": [], "notes": ""}', "notes: Extra inputs are not permitted"),
        ('{"format": 1, "cases": [{"case": "a", "passed": true}, {"case": "a", "passed": true}]}', "'a' stands twice"),
        ('{"session_id": "s", "cases": [{"example_id": "a"}]}', "cases.0.case_id: Field required"),
        ("[" * 100_000, "is no JSON: "),
    ],
)
def test_a_file_that_is_no_baseline_is_an_error_naming_file_and_fix(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_baseline(path)
    assert str(caught.value).startswith(f"baseline {str(path)!r}")
    assert problem in str(caught.value)
    assert str(caught.value).endswith(MAKE_ONE)


def test_a_baseline_that_is_not_there_or_no_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"does not exist; {MAKE_ONE}"):
        read_baseline(tmp_path / "baseline.json")
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_baseline(tmp_path)
    (tmp_path / "baseline.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="is no JSON"):
        read_baseline(tmp_path / "baseline.json")


@settings(max_examples=200, suppress_health_check=FIXTURE_IS_ONLY_A_FOLDER)
@given(content=st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists) | st.text())
def test_whatever_stands_in_the_file_is_read_or_is_an_error_of_ours(tmp_path: Path, content: object) -> None:
    path = tmp_path / "baseline.json"
    case = {"case": "a", "passed": True, "scores": {"x": content}}
    path.write_text(json.dumps({"format": 1, "cases": [case]}), encoding="utf-8")
    try:
        _, (read,) = read_baseline(path)
    except ConfigurationError as error:
        assert "cases.0.scores.x" in str(error)  # noqa: PT017 - either way is fine
    else:
        assert isinstance(content, bool | list)
        assert read.scores[0].name == "x"
