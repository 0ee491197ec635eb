from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foreign_project import Project

HEAVY = ("xdist.scheduler", "mlflow", "openai", "dbos", "trafilatura", "sklearn", "pydantic", "opentelemetry", "rich")


def test_a_session_without_eval_marks_is_a_plain_pytest_session(
    project: Project, distribution: tuple[str, ...]
) -> None:
    project.pytester.makepyfile(test_plain="def test_one(): pass\ndef test_two(): pass")
    result = project.run(*distribution)
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*evaluation*")
    assert not (project.folder / ".home").exists()


def test_the_plugin_imports_nothing_heavy(project: Project) -> None:
    project.pytester.makepyfile(
        test_plain=f"import sys\ndef test_imports(): assert not [m for m in {HEAVY!r} if m in sys.modules]"
    )
    (project.folder / "conftest.py").write_text("")
    project.run("-p", "no:hypothesispytest").assert_outcomes(passed=1)


def test_the_user_s_way_to_distribute_is_respected(project: Project) -> None:
    project.tests("""
        @pytest.mark.eval(dataset="words.json")
        def test_x(output, check):
            check(output, shouted)
    """)
    result = project.run("-v", "-n", "2", "--dist", "loadfile")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["scheduling tests via LoadFileScheduling"])
    assert len(project.rows) == 3
