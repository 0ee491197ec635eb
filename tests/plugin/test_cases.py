"""What becomes of examples, tests and scores: one rich project, run in three ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from foreign_project import outcomes_of, scores_of

if TYPE_CHECKING:
    from rich_project import RichRun

WORD_IDS = ["long-word", "short-word", "two-words"]


def test_outcomes_of_pytest_keep_their_meaning(rich: RichRun) -> None:
    assert rich.outcome.ret == pytest.ExitCode.TESTS_FAILED
    rich.outcome.assert_outcomes(passed=40, failed=5, errors=1, skipped=4, xfailed=3)
    row = rich.project.row("test_skipped[short-word]")
    assert outcomes_of(row)["test_known_to_fail[short-word]"] == "skipped"
    assert row["passed"]


def test_every_example_is_a_case_and_its_tests_share_one_output(rich: RichRun) -> None:
    row = rich.project.row("TestShouting::test_shouted[long-word]")
    assert len(outcomes_of(row)) == 10
    assert scores_of(row)[:3] == [
        ("shouted in TestShouting::test_shouted[long-word]", True),
        ("brevity in TestShouting::test_brief[long-word]", False),
        ("brevity in test_plain_assert[long-word]", False),
    ]
    assert not row["passed"]
    assert row["tags"] == ["hard", "long"]


def test_the_task_is_called_once_for_each_dataset_and_type_of_example(rich: RichRun) -> None:
    assert rich.project.calls == sorted([*WORD_IDS, *WORD_IDS, "short-word", "down"])


def test_one_id_in_two_datasets_is_two_cases(rich: RichRun) -> None:
    row = rich.project.row("test_other_dataset[short-word]")
    assert (row["dataset"], row["example_id"]) == ("others", "short-word")
    assert list(outcomes_of(row)) == ["test_other_dataset[short-word]"]
    rich.outcome.stdout.fnmatch_lines(["  down (others)"])


def test_examples_of_two_types_are_two_cases(rich: RichRun) -> None:
    assert list(outcomes_of(rich.project.row("test_schema[short-word]"))) == ["test_schema[short-word]"]


def test_each_folder_has_the_task_of_its_own_conftest(rich: RichRun) -> None:
    row = rich.project.row("test_whisper[short-word]")
    assert scores_of(row) == [("whispered in test_whisper[short-word]", True)]
    assert rich.project.results["tags"]["prompt"] == "shout/3"
    assert rich.project.results["tags"]["odd"] == "1"


def test_more_parameters_make_more_outcomes_of_the_same_case(rich: RichRun) -> None:
    assert rich.project.row("test_parametrized[two-words-1]") == rich.project.row("test_parametrized[two-words-2]")


def test_where_picks_examples_and_where_nothing_is_left_there_is_no_case(rich: RichRun) -> None:
    assert "test_where[long-word]" in outcomes_of(rich.project.row("TestShouting::test_shouted[long-word]"))
    everything = [name for row in rich.project.results["cases"] for name in outcomes_of(row)]
    assert not [name for name in everything if "test_nowhere" in name or "test_where[short-word]" in name]


def test_a_task_that_raises_is_an_error_with_its_own_traceback_alone(rich: RichRun) -> None:
    row = rich.project.row("test_other_dataset[down]")
    assert outcomes_of(row) == {"test_other_dataset[down]": "error"}
    assert row["tests"][0]["message"] == "RuntimeError: model is down"
    output = rich.outcome.stdout.str()
    assert '>           raise RuntimeError("model is down")' in output
    assert "engine.py" not in output
    assert "cases.py" not in output


def test_a_failed_check_reports_every_scorer(rich: RichRun) -> None:
    rich.outcome.stdout.fnmatch_lines(
        [
            "3 of 4 scorers did not pass",
            "  quiet failed (0.25): half a smile*",
            "  broken crashed: ZeroDivisionError: division by zero",
            '*test_odd.py", line *, in broken',
            "  not_a_number failed (nan)",
        ]
    )
    scores = {score["name"]: score for score in rich.project.row("test_all[bytes]")["scores"]}
    assert (scores["quiet"]["value"], scores["quiet"]["passed"]) == (0.25, False)
    assert (scores["broken"]["value"], scores["broken"]["error"]) == (None, "ZeroDivisionError: division by zero")
    assert scores["quiet"]["rationale"] == "half a smile ?, 🙂"


def test_scores_belong_to_the_test_that_runs_whatever_loop_or_thread_they_are_made_in(rich: RichRun) -> None:
    for name in ("bytes", "mute", "loop"):
        row = rich.project.row(f"test_all[{name}]")
        assert (f"in_{name} in test_one_loop_for_all[{name}]", True) in scores_of(row)
        assert (f"threaded_{name} in test_thread[{name}]", True) in scores_of(row)
        assert len(row["scores"]) == 6


def test_the_results_are_strict_json(rich: RichRun) -> None:
    json.dumps(rich.project.results, allow_nan=False)
    assert rich.project.row("test_second_note[short-word]")["run_metrics"]["unknown"] is None


def test_a_tracked_run_takes_what_all_outcomes_of_the_case_say(rich: RichRun) -> None:
    row = rich.project.row("test_first_note[short-word]")
    assert row["run_tags"]["seen"] == "yes"
    assert row["run_metrics"]["letters"] == 2


def test_each_test_that_is_its_own_task_is_a_case_with_its_own_cost(rich: RichRun) -> None:
    costs = [rich.project.row(f"test_own_task[two-words-{price}]")["cost_usd"] for price in ("0.25", "0.5")]
    assert costs == [0.25, 0.5]
    row = rich.project.row("test_without_dataset")
    assert (row["dataset"], row["run_metrics"]["x"], row["passed"]) == (None, 1, True)
    rich.outcome.stdout.fnmatch_lines(["cost $2.2500 · 30 tokens*"])
