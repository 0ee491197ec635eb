"""A stranger's project that does as docs/evaluation.md says, with the files on the page, and prints what it says."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from foreign_project import a_user_s_environment
from technoshare_commentator import mlops, pytest_plugin
from technoshare_commentator.pytest_plugin import hookspecs
from technoshare_commentator.pytest_plugin.options import EVAL_MARK, SUMMARY_MARK, add_options
from walkthrough import Chapter, Command, File, first_difference, read_page

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = Path(__file__).with_name("foreign")
TEXT = (ROOT / "docs/evaluation.md").read_text(encoding="utf-8")
CHAPTERS = read_page(TEXT)
WITH_COMMANDS = [chapter for chapter in CHAPTERS if len(chapter.files) < len(chapter.steps)]
WITH_MLFLOW = "Run it"  # at its end the page switches MLflow off

# Other plugins of our own tests that the stranger does not have.
WITHOUT = "-p no:randomly -p no:rerunfailures -p no:hypothesispytest -p no:anyio -p no:cacheprovider"


@pytest.mark.parametrize("chapter", WITH_COMMANDS, ids=lambda chapter: chapter.title.lower().replace(" ", "-"))
def test_a_chapter_can_be_carried_out_and_prints_what_it_says(chapter: Chapter, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk", with_mlflow=chapter.title == WITH_MLFLOW)
    desk.furnish(CHAPTERS[: CHAPTERS.index(chapter)])
    for step in chapter.steps:
        if isinstance(step, File):
            desk.write(step)
        else:
            desk.carry_out(step)


class Desk:
    """The stranger's folder, and the shell that is open in it."""

    def __init__(self, folder: Path, *, with_mlflow: bool) -> None:
        folder.mkdir()
        self.folder = folder
        self.status = 0
        ours = a_user_s_environment()
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**ours, "PATH": programs, "COLUMNS": "100", "PYTEST_ADDOPTS": WITHOUT}
        self.environment |= {} if with_mlflow else {"MLFLOW_ENABLE_TRACKING": "false"}

    def furnish(self, chapters: list[Chapter]) -> None:
        """Lay out what the chapters before have left here: the files of the project, and none of their asides."""
        for file in (file for chapter in chapters for file in chapter.files if (FOREIGN / file.name).exists()):
            self.write(file)

    def write(self, file: File) -> None:
        """Write a file; one that a command has written before must be what the page shows."""
        path = self.folder / file.name
        assert not path.exists() or path.read_text(encoding="utf-8") == file.content
        path.write_text(file.content, encoding="utf-8")

    def carry_out(self, command: Command) -> None:
        """Run a command and compare what it prints."""
        shell = ["bash", "-c", f"(exit {self.status}); {command.line}"]
        done = subprocess.run(
            shell, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        self.status = done.returncode
        print(f"$ {command.line}\n{done.stdout}{done.stderr}")
        assert first_difference(command.output, f"{done.stdout}{done.stderr}".splitlines()) is None, command.line


def test_the_page_shows_every_file_of_the_project_as_it_is() -> None:
    shown = {file.name: file.content for chapter in CHAPTERS for file in chapter.files}
    files = {path.name: path.read_text(encoding="utf-8") for path in FOREIGN.iterdir() if path.is_file()}
    assert {name: shown.get(name) for name in files} == files


def test_the_project_knows_nothing_of_the_application() -> None:
    sources = [path.read_text(encoding="utf-8") for path in FOREIGN.glob("*.py")]
    imported = [name for source in sources for name in imports(source) if name.startswith("technoshare_commentator")]
    assert imported
    assert [name for name in imported if not name.startswith(mlops.__name__)] == []


def imports(source: str) -> list[str]:
    nodes = list(ast.walk(ast.parse(source)))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]


def test_the_page_names_every_flag_ini_value_mark_fixture_and_hook() -> None:
    parser = pytest.Parser(_ispytest=True)
    add_options(parser)
    flags = [name for group in parser._groups for option in group.options for name in option.names()]
    hooks = [name for name in vars(hookspecs) if name.startswith("pytest_eval_")]
    fixtures = [
        name for name, value in vars(pytest_plugin).items() if type(value).__name__ == "FixtureFunctionDefinition"
    ]
    names = [*flags, *parser._inidict, *hooks, *fixtures, f"`{EVAL_MARK}(dataset=", f"`{SUMMARY_MARK}`"]
    assert len(names) > 30
    assert [name for name in names if not re.search(rf"{re.escape(name)}(?![\w-])", TEXT)] == []


def test_the_messages_that_the_page_explains_are_those_that_are_printed() -> None:
    (troubles,) = re.findall(r"\| it says \| do \|\n.*?\n\n", TEXT, re.DOTALL)
    rows = re.findall(r"^\| `(.+?)`", troubles, re.MULTILINE)
    assert len(rows) > 10
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    others = {
        "async def functions are not natively supported",
        "ScopeMismatch",
        "Marker eval must have a 'name' argument",
    }
    fragments = [part.strip(" :") for row in rows if row not in others for part in row.split("…")]
    assert [part for part in fragments if part.replace("'tests'", "") not in source] == []
