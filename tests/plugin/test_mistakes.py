"""Mistakes in a suite or its settings: named, with what to do about them."""

from __future__ import annotations

import pytest

from foreign_project import ALONE, CONFTEST, WORDS, Project

ONE_TEST = "\n    @words\n    def test_x(output):\n        pass\n"

MISTAKES = {
    '@pytest.mark.eval(dataset="nowhere.json")\ndef test_x(output): pass': "*dataset*nowhere.json*does not exist*",
    '@pytest.mark.eval(dataset=".")\ndef test_x(output): pass': "*dataset*cannot be read: Is a directory",
    '@pytest.mark.eval(datset="words.json")\ndef test_x(output): pass': "*takes the keywords*not*datset*",
    '@pytest.mark.eval("words.json")\ndef test_x(output): pass': "*takes the keywords*not*words.json*",
    '@pytest.mark.eval(dataset="words.json", schema=dict)\ndef test_x(output): pass': "*schema=<class 'dict'> is no*",
    '@pytest.mark.eval(dataset="taken.json")\ndef test_x(output): pass': "*tag 'slowly' is a mark that does something*",
    "@pytest.mark.eval\ndef test_x(output): pass": "*need a dataset*",
    "def test_x(check): pass": "*the fixture 'check' is for tests marked with @pytest.mark.eval*",
    "def test_x(tracked_run): pass": "*the fixture 'tracked_run' is for tests marked*",
    "@words\ndef test_x(output, check): check(shouted)": "*check was given no scorer*",
    "@words\nasync def test_x(output): pass": "*async def functions are not natively supported*",
    '@pytest.fixture(scope="module")\ndef all(output): pass\n@words\ndef test_x(all): pass': "*ScopeMismatch*output*",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> pytest.RunResult:
    """All mistakes in one run, each in a module of its own; the folder above has no task."""
    project = Project(tmp_path_factory.mktemp("mistakes"))
    project.write("pytest.ini", ALONE + "    markers = slowly(seconds): takes its time\n")
    project.dataset(WORDS)
    project.dataset(WORDS, "suite/words.json")
    project.dataset({"name": "taken", "examples": [{"id": "a", "tags": ["slowly"]}]}, "suite/taken.json")
    project.write("suite/conftest.py", CONFTEST)
    project.tests("\n@words\ndef test_x(output): pass", "test_no_task.py")
    for number, body in enumerate(MISTAKES):
        project.tests(f"\n{body}", f"suite/test_{number}.py")
    return project.run("--continue-on-collection-errors")


@pytest.mark.parametrize("message", MISTAKES.values())
def test_a_mistake_in_a_suite_is_named(report: pytest.RunResult, message: str) -> None:
    assert report.ret != 0
    report.stdout.fnmatch_lines([message])


def test_a_suite_without_a_task_is_told_what_to_implement(report: pytest.RunResult) -> None:
    report.stdout.fnmatch_lines(["*no task for *: implement pytest_eval_task(config, variant) in its conftest.py*"])


def test_a_mistake_in_a_dataset_or_a_mark_is_told_in_one_line(report: pytest.RunResult) -> None:
    report.stdout.fnmatch_lines(["*ERROR collecting suite/test_0.py*", "dataset *nowhere.json' does not exist*"])
    report.stdout.no_fnmatch_line("*parametrize.py*")


def test_a_typo_in_a_switch_ends_the_session_before_a_case_has_cost_money(
    project: Project, distribution: tuple[str, ...]
) -> None:
    project.tests(ONE_TEST)
    result = project.run(*distribution, MLFLOW_ENABLE_TRACKING="flase")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: MLFLOW_ENABLE_TRACKING='flase'*"])
    assert project.calls == []


def test_run_tags_that_are_no_dict_end_the_session_before_a_case_has_cost_money(
    project: Project, distribution: tuple[str, ...]
) -> None:
    project.tests(ONE_TEST)
    project.write("conftest.py", CONFTEST.replace('{"prompt": "shout/3"}', '["shout/3"]'))
    result = project.run(*distribution)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: pytest_eval_run_tags returned ?'shout/3'?; return a dict*"])
    assert project.calls == []
