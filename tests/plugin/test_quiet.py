from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foreign_project import Project

HEAVY = ("xdist.scheduler", "mlflow", "openai", "dbos", "trafilatura", "sklearn", "pydantic", "opentelemetry", "rich")
PLAIN = f"""
    import sys

    def test_one():
        loaded = [name for name in {HEAVY!r} if name in sys.modules]
        assert not loaded or "xdist" in sys.modules

    def test_two():
        pass
"""


def test_a_session_without_eval_marks_is_a_plain_pytest_session(
    project: Project, distribution: tuple[str, ...]
) -> None:
    (project.folder / "conftest.py").write_text("")
    project.write("test_plain.py", PLAIN)
    result = project.run(*(distribution or ("-p", "no:xdist")))
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*evaluation*")
    assert not (project.folder / ".home").exists()
