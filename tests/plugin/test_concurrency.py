"""Cases of one process wait on their models together; what is not going to be judged is not called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from foreign_project import Project
from shared_run import heard, once, told
from slow_project import SHOUTED, examples, noted, slow_down

if TYPE_CHECKING:
    from pathlib import Path

COUNT, SECONDS = 40, 0.3
SUITE = """
    def only(prefix):
        return pytest.mark.eval(dataset="words.json", where=lambda example: example.id.startswith(prefix))

    @only("e")
    def test_shouted(output, check):
        check(output, shouted)

    @only("e")
    def test_brief(output, check):
        check(output, brevity)

    @only("e3")
    @pytest.mark.skip(reason="its case runs for the others all the same")
    def test_skipped(output):
        pass

    @only("marked")
    @pytest.mark.skip(reason="not today")
    def test_marked(output):
        pass

    @only("conditional")
    @pytest.mark.skipif("os.sep", reason="not here")
    def test_conditional(output):
        pass

    @only("unwanted")
    def test_unwanted(output):
        pass

    @only("broken")
    @pytest.mark.skipif("no python(")
    def test_broken_condition(output):
        pass
"""


WAYS: dict[str, tuple[str, ...]] = {"plain": (), "n2": ("-n", "2"), "threads": ("--eval-model", "plain")}


NO_CLIENT = """
    import pytest

    def pytest_eval_task():
        pytest.importorskip("no_such_client", reason="no client today")
"""


@dataclass
class Measured:
    """A project after its run."""

    project: Project
    outcome: pytest.RunResult

    def noted(self, name: str) -> list[str]:
        return noted(self.project.folder, name)


def measure(folder: Path, arguments: tuple[str, ...]) -> list[Any]:
    project = Project(folder / "words").fill()
    slow_down(project, SECONDS)
    examples(project, COUNT, marked="hi", conditional="hi", unwanted="hi", broken="hi")
    project.tests(SUITE)
    return told(project.run("--eval-concurrency", "20", "-k", "not unwanted", *arguments))


@pytest.fixture(scope="module", params=list(WAYS))
def measured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Forty examples and some that no test asks for, in one process, on two workers, and with a task that blocks."""
    way: str = request.param
    folder, outcome = once(tmp_path_factory, f"measured-{way}", lambda folder: measure(folder, WAYS[way]))
    return Measured(Project(folder / "words"), heard(outcome))


def test_cases_overlap_as_much_as_was_asked_for_and_no_more(measured: Measured) -> None:
    overlap = [int(line) for line in measured.noted("overlap.txt")]
    assert max(overlap) == 20
    assert measured.outcome.duration < COUNT * SECONDS / 2


def test_the_task_is_called_once_for_each_case_and_for_none_that_nobody_will_judge(measured: Measured) -> None:
    assert Counter(measured.noted("calls.txt")) == Counter({f"e{number:02}": 1 for number in range(COUNT)})
    outcomes = measured.outcome.parseoutcomes()
    outcomes.pop("deselected", None)  # workers deselect in silence
    assert outcomes == {"passed": 80, "skipped": 12, "errors": 1}


def test_a_skip_condition_that_cannot_be_read_is_told_by_its_own_test(measured: Measured) -> None:
    measured.outcome.stdout.fnmatch_lines(["*Error evaluating 'skipif' condition*", "*no python(*"])
    measured.outcome.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_one_at_a_time_never_overlaps(project: Project) -> None:
    slow_down(project, 0.02)
    names = examples(project, 8)
    project.tests(SHOUTED)
    project.run("--eval-concurrency", "1").assert_outcomes(passed=8)
    assert noted(project.folder, "calls.txt") == names
    assert set(noted(project.folder, "overlap.txt")) == {"1"}


def test_a_suite_whose_task_cannot_be_had_here_skips_its_tests(project: Project) -> None:
    project.tests(SHOUTED)
    project.write("conftest.py", NO_CLIENT)
    result = project.run("-rs")
    result.assert_outcomes(skipped=3)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["SKIPPED *no client today*"])


def test_a_setting_that_is_no_number_ends_the_session_before_a_case_has_cost_money(
    project: Project, distribution: tuple[str, ...]
) -> None:
    project.tests(SHOUTED)
    project.write("pytest.ini", (project.folder / "pytest.ini").read_text() + "eval_concurrency = many\n")
    result = project.run(*distribution)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: the ini value eval_concurrency: 'many' is no whole number above zero; *"])
    assert project.calls == []
