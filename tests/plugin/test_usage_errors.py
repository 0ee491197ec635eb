from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from foreign_project import Project


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            '@pytest.mark.eval(dataset="nowhere.json")\ndef test_x(output): pass',
            "*dataset*nowhere.json*does not exist*",
        ),
        ('@pytest.mark.eval(datset="words.json")\ndef test_x(output): pass', "*takes the keywords*not*datset*"),
        ('@pytest.mark.eval("words.json")\ndef test_x(output): pass', "*takes the keywords*not*words.json*"),
        ("@pytest.mark.eval\ndef test_x(output): pass", "*need a dataset*"),
        ("def test_x(check): pass", "*the fixture 'check' is for tests marked with @pytest.mark.eval*"),
        ("def test_x(tracked_run): pass", "*the fixture 'tracked_run' is for tests marked*"),
    ],
)
def test_a_mistake_in_a_suite_is_named(project: Project, body: str, message: str) -> None:
    project.tests(body)
    result = project.run()
    assert result.ret != 0
    result.stdout.fnmatch_lines([message])


def test_a_suite_without_a_task_is_told_what_to_implement(project: Project) -> None:
    (project.folder / "conftest.py").write_text("")
    project.tests('@pytest.mark.eval(dataset="words.json")\ndef test_x(output): pass')
    result = project.run()
    result.stdout.fnmatch_lines(["*implement pytest_eval_task(config, variant) in its conftest.py*"])


def test_a_typo_in_a_switch_is_a_usage_error(
    project: Project, monkeypatch: pytest.MonkeyPatch, distribution: tuple[str, ...]
) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_TRACKING", "flase")
    project.tests('@pytest.mark.eval(dataset="words.json")\ndef test_x(output): pass')
    result = project.run(*distribution)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*MLFLOW_ENABLE_TRACKING='flase'*"])
