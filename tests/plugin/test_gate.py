"""With a gate the exit status is the gate's, as far as evals go, and no better than what it does not decide about."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from foreign_project import Project
from shared_run import once
from slow_project import SHOUTED, examples

if TYPE_CHECKING:
    from pathlib import Path

OK, FAILED, INTERRUPTED, USAGE = (int(code) for code in (0, 1, 2, 4))
SUITE = """
    @words
    def test_brief(output, check):
        check(output, brevity)

    @words
    def test_shouted(output, check):
        check(output, shouted)
"""  # one of three words is too long, so one test of six fails
FAILING = "\n    def test_ordinary():\n        assert not 'an eval'\n"


@pytest.fixture
def words(project: Project) -> Project:
    """A project of which one case fails."""
    project.tests(SUITE)
    return project


def gate(project: Project, *lines: str, name: str = "gate.yaml") -> str:
    project.write(name, "\n".join(lines))
    return name


def test_a_gate_that_holds_makes_failing_tests_a_success(words: Project) -> None:
    name = gate(words, "rules: [pass_rate >= 0.6, brevity/mean > 0.2, 'pass_rate[easy] >= 1', latency_seconds/p95 < 9]")
    result = words.run("--eval-gate", name)
    result.assert_outcomes(passed=5, failed=1)
    assert result.ret == OK
    result.stdout.fnmatch_lines(
        [
            "gate passed (gate.yaml)",
            "  pass_rate: 0.6667 >= 0.6 — passed",
            "  brevity/mean: 0.2* > 0.2 — passed",
            "  pass_rate?easy?: 1 >= 1 — passed",
            "  latency_seconds/p95: 0.0* < 9 — passed",
            "  errors: 0 <= 0 — passed",
        ]
    )
    assert words.results["exit_status"] == OK
    assert words.results["gate"]["passed"] is True


def test_a_gate_that_does_not_hold_fails_and_names_the_cases(words: Project) -> None:
    result = words.run("--eval-gate", "pass_rate >= 0.9", "--eval-gate", "shouted/pass_rate >= 1", "-n", "2")
    assert result.ret == FAILED
    result.stdout.fnmatch_lines(
        ["gate failed (--eval-gate)", "  pass_rate: 0.6667 >= 0.9 — failed", "    words/long-word"]
    )
    result.stdout.fnmatch_lines(["  shouted/pass_rate: 1 >= 1 — passed"])
    assert words.results["exit_status"] == FAILED


def test_a_gate_fails_a_session_whose_tests_have_all_passed(words: Project) -> None:
    gate(words, "rules: [shouted/mean > 1]")
    words.write("pytest.ini", (words.folder / "pytest.ini").read_text() + "eval_gate = gate.yaml\n")
    result = words.run("-k", "test_shouted")
    result.assert_outcomes(passed=3, deselected=3)
    assert result.ret == FAILED


def test_a_gate_can_be_left_out(words: Project) -> None:
    gate(words, "rules: [pass_rate >= 0.5]")
    words.write("pytest.ini", (words.folder / "pytest.ini").read_text() + "eval_gate = gate.yaml\n")
    assert words.run("--eval-gate", "none").ret == FAILED  # as pytest has it
    assert words.results["gate"] is None


def test_an_ordinary_test_that_fails_is_made_good_by_no_gate(words: Project) -> None:
    words.write("test_ordinary.py", FAILING)
    result = words.run("--eval-gate", "pass_rate >= 0.5", "-n", "2")
    assert result.ret == FAILED
    result.stdout.fnmatch_lines(["gate passed (--eval-gate)"])


def test_what_cannot_be_collected_is_made_good_by_no_gate(words: Project) -> None:
    words.write("test_broken.py", "import no_such_module\n")
    assert words.run("--eval-gate", "pass_rate >= 0.5").ret == INTERRUPTED
    assert words.calls == []
    result = words.run("--eval-gate", "pass_rate >= 0.5", "--continue-on-collection-errors")
    assert result.ret == FAILED
    result.stdout.fnmatch_lines(["gate passed (--eval-gate)"])


def test_a_task_that_raises_breaks_a_gate_that_says_nothing_of_errors(words: Project) -> None:
    words.dataset({"name": "words", "examples": [{"id": f"e{n}", "text": "hi" if n else "boom"} for n in range(9)]})
    result = words.run("--eval-gate", "pass_rate >= 0.5")
    assert result.ret == FAILED
    result.stdout.fnmatch_lines(["  pass_rate: 0.8889 >= 0.5 — passed", "  errors: 1 <= 0 — failed", "    words/e0"])


@pytest.mark.parametrize(("how", "status"), [(("-x",), FAILED), (("--maxfail=1", "-n", "2"), INTERRUPTED)])
def test_a_session_that_was_stopped_passes_no_gate(words: Project, how: tuple[str, ...], status: int) -> None:
    assert words.run("--eval-gate", "cases >= 1", *how).ret == status
    assert len(words.results["cases"]) >= 1


def test_a_selection_is_held_against_what_it_has_measured(words: Project) -> None:
    rules = "rules: [cases >= 3, shouted/pass_rate >= 1, 'brevity/pass_rate[hard] >= 1', pass_rate >= 1]"
    result = words.run("-k", "short-word and shouted", "--eval-gate", gate(words, rules))
    assert result.ret == OK
    result.stdout.fnmatch_lines(
        [
            "  cases: not measured in this selection — skipped",
            "  shouted/pass_rate: 1 >= 1 — passed",
            "  brevity/pass_rate?hard?: not measured in this selection — skipped",
            "  pass_rate: 1 >= 1 — passed",
        ]
    )


@pytest.mark.parametrize(
    ("rules", "messages"),
    [
        (["rules: [shoutd/pass_rate >= 1]"], ["*'shoutd/pass_rate >= 1': no scorer is called 'shoutd'; did you mean*"]),
        (["rules: [pass_rate is good]"], ["*'pass_rate is good'*"]),
        (["rules: [regressions <= 0]"], ["*there is no baseline to compare with; make one: *"]),
    ],
    ids=["scorer", "form", "no baseline"],
)
def test_a_gate_that_cannot_be_held_is_a_usage_error(words: Project, rules: list[str], messages: list[str]) -> None:
    result = words.run("--eval-gate", gate(words, *rules))
    assert result.ret == USAGE
    pytest.RunResult(4, [*result.outlines, *result.errlines], [], 0.0).stdout.fnmatch_lines(messages)


STRICTER = """
    import json
    from pathlib import Path

    strict = json.loads(Path(__file__).with_name("strict.json").read_text())

    @scorer
    def brief(output):
        return Score("brief", 1 / len(output), len(output) < (6 if strict else 12))

    @words
    def test_brief(output, check):
        check(output, brief)

    @words
    def test_shouted(output, check):
        check(output, shouted)
"""
TEXTS = {f"e{number}": "hi" * number for number in range(1, 7)}  # lengths 2, 4, 6, 8, 10, 12


@pytest.fixture
def strict(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Project:
    """A project with a baseline, whose scorer has become stricter since."""
    folder, _ = once(tmp_path_factory, "stricter", become_stricter)
    return Project(shutil.copytree(folder / "words", tmp_path / "stricter"))


def become_stricter(folder: Path) -> None:
    project = Project(folder / "words").fill()
    project.tests(STRICTER)
    examples(project, 0, **TEXTS)
    project.write("pytest.ini", (project.folder / "pytest.ini").read_text() + "eval_baseline = baseline.json\n")
    gate(project, "rules: [pass_rate >= 0.5, regressions <= 0, shouted/regressions <= 0]")
    project.write("strict.json", "false")
    assert project.run("--eval-gate", "gate.yaml", "--eval-update-baseline").ret == OK
    project.write("strict.json", "true")


def test_a_stricter_scorer_fails_the_gate_which_names_exactly_the_cases_that_newly_fail(
    strict: Project, distribution: tuple[str, ...]
) -> None:
    result = strict.run("--eval-gate", "gate.yaml", *distribution)
    assert result.ret == FAILED
    failing = ["words/e3", "words/e4", "words/e5"]
    result.stdout.fnmatch_lines(
        [
            "  newly failing (3): words/e3 (brief), words/e4 (brief), words/e5 (brief)",
            "gate failed (gate.yaml)",
            "  pass_rate: 0.3333 >= 0.5 — failed",
            "    words/e3, words/e4, words/e5, words/e6",
            "  regressions: 3 <= 0 — failed",
            "    words/e3, words/e4, words/e5",
            "  shouted/regressions: 0 <= 0 — passed",
        ]
    )
    (comparison,) = strict.results["comparisons"]
    assert [change["case_id"] for change in comparison["newly_failing"]] == failing
    assert [change["scorers"] for change in comparison["newly_failing"]] == [["brief"]] * 3
    assert comparison["newly_passing"] == []
    assert comparison["pairs"] == 6


PAID_CONFTEST = """
    from pathlib import Path
    from technoshare_commentator.mlops.tracing import SpanType, span

    def pytest_eval_task():
        async def shout(example):
            with Path(__file__).with_name("calls.txt").open("a") as calls:
                print(example.id, file=calls)
            with span("model", SpanType.LLM) as call:
                call.usage(model="m", input_tokens=1, output_tokens=1, cost_usd=0.5)
            return example.text.upper()
        return shout
"""


def test_a_budget_that_is_spent_starts_no_further_case_says_so_and_fails_the_gate(
    project: Project, distribution: tuple[str, ...]
) -> None:
    project.write("conftest.py", PAID_CONFTEST)
    project.tests(SHOUTED)
    examples(project, 12)
    name = gate(project, "max_cost_usd: 2.0", "rules: [shouted/pass_rate >= 1]")
    result = project.run("--eval-gate", name, "--eval-concurrency", "1", "-rs", *distribution)
    assert result.ret == FAILED
    ran = len(project.calls)
    assert 4 <= ran <= 4 + len(distribution) // 2  # the other worker may have had one in flight
    result.assert_outcomes(passed=ran, skipped=12 - ran)
    assert project.results["not_run"] == 12 - ran
    result.stdout.fnmatch_lines(
        [
            "gate failed (gate.yaml)",
            f"  max_cost_usd: {ran / 2:g} <= 2.0 — failed ({12 - ran} cases were not run)",
            "  shouted/pass_rate: 1 >= 1 — passed",
            f"*{12 - ran} cases not run, the budget is spent",
            "SKIPPED *not run: the session's budget of $2 is spent",
        ]
    )
