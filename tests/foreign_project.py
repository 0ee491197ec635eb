"""A small foreign project for the plugin's tests: it knows datasets, tasks and scorers, and nothing of TechnoShare."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CONFTEST = """
    import asyncio
    from pathlib import Path

    def pytest_eval_task(config, variant):
        async def shout(example):
            with Path(__file__).with_name("calls.txt").open("a") as calls:
                print(example.id, file=calls)
            await asyncio.sleep(0)
            if example.text == "boom":
                raise RuntimeError("model is down")
            return example.text.upper()
        return shout

    def pytest_eval_run_tags(config):
        return {"prompt": "shout/3"}
"""

# Other plugins that happen to be installed take most of the time that a small session needs.
ALONE = """
    [pytest]
    addopts = --strict-markers -p no:cacheprovider -p no:hypothesispytest -p no:anyio -p no:syrupy -p no:randomly
        -p no:rerunfailures -p no:pytest_cov
"""

WORDS = {
    "name": "words",
    "version": "7",
    "examples": [
        {"id": "short-word", "text": "hi", "tags": ["easy"]},
        {"id": "long-word", "text": "incomprehensibilities", "tags": ["hard", "long"]},
        {"id": "two-words", "text": "hello there", "tags": ["easy"]},
    ],
}

HEADER = """
    import os
    import pytest
    from technoshare_commentator.mlops.evaluation.scorer import Score, scorer

    words = pytest.mark.eval(dataset="words.json")

    @scorer
    def shouted(output):
        return output.isupper()

    @scorer(pass_at=0.09)
    def brevity(output):
        return 1 / len(output)
"""

# Folders are given as people give them to pytest.main: as paths.
_MAIN = "import pathlib, sys, pytest; sys.exit(pytest.main([pathlib.Path('.'), *sys.argv[1:]]))"


def a_user_s_environment() -> dict[str, str]:
    """This process's, without what tells the tests apart from a user's own session, such as that this is CI."""
    mine = ("PYTEST_", "MLFLOW_", "GITHUB_")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(mine) and name not in {"CI", "BUILD_NUMBER"}
    }


class Project:
    """A foreign project in a folder of its own, tracked into that folder; its conftest.py shouts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def fill(self) -> Project:
        """Write what every project starts with."""
        self.write("conftest.py", CONFTEST)
        self.write("pytest.ini", ALONE)
        self.dataset(WORDS)
        return self

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def dataset(self, content: dict[str, Any], name: str = "words.json") -> None:
        self.write(name, json.dumps(content))

    def tests(self, body: str, name: str = "test_words.py") -> None:
        self.write(name, textwrap.dedent(HEADER) + textwrap.dedent(body))

    def run(self, *arguments: str, **environment: str) -> pytest.RunResult:
        """Run pytest to its end; tracking is off unless the environment says otherwise."""
        started = time.monotonic()
        process = self.start(*arguments, **environment)
        output, errors = process.communicate(timeout=100)
        print(output, errors, sep="\n")
        return pytest.RunResult(
            process.returncode, output.splitlines(), errors.splitlines(), time.monotonic() - started
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start pytest in a session of its own, like a terminal does."""
        ours = a_user_s_environment()
        settings = {
            "TECHNOSHARE_HOME": str(self.folder / ".home"),
            "MLFLOW_ENABLE_TRACKING": "false",
            "MLFLOW_TRACKING_URI": self.store,
        }
        return subprocess.Popen(
            [sys.executable, "-c", _MAIN, *arguments],
            cwd=self.folder,
            env={**ours, **settings, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def store(self) -> str:
        """The project's own MLflow store."""
        return f"sqlite:///{self.folder}/mlflow.db"

    @property
    def calls(self) -> list[str]:
        """The ids of the examples the task was called with, sorted."""
        path = self.folder / "calls.txt"
        return sorted(path.read_text().split()) if path.exists() else []

    @property
    def results(self) -> dict[str, Any]:
        """The content of eval_results.json."""
        content: dict[str, Any] = json.loads((self.folder / ".home/evals/eval_results.json").read_text())
        return content

    def row(self, test: str) -> dict[str, Any]:
        """The case of eval_results.json that a test belongs to."""
        (found,) = [row for row in self.results["cases"] if test in outcomes_of(row)]
        return found  # type: ignore[no-any-return]  # it was JSON


def outcomes_of(row: dict[str, Any]) -> dict[str, str]:
    """The tests of a case by their names, with their outcomes."""
    return {test["nodeid"].partition("::")[2]: test["outcome"] for test in row["tests"]}


def scores_of(row: dict[str, Any]) -> list[tuple[str, bool]]:
    """The scores of a case by scorer and test, and whether they passed."""
    return [(f"{score['name']} in {score['test'].partition('::')[2]}", score["passed"]) for score in row["scores"]]
