"""A copy of the evals, in which a test adds, decides and runs what it likes."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from commands import technoshare
from tracked_jobs import EVALS, Production

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PAGE_EXAMPLE = "blog-brightsluice-monorepo-ci"
INI = """
[pytest]
addopts = --strict-markers --import-mode=importlib -p no:cacheprovider -p no:randomly -p no:hypothesispytest -p no:anyio
    -p no:syrupy -p no:rerunfailures -p no:pytest_cov
pythonpath = evals
"""


class Project:
    """A copy of the evals, with one example of their dataset, and commands run in its folder."""

    def __init__(self, folder: Path, production: Production) -> None:
        self.folder = folder
        self.dataset = folder / "evals" / "datasets" / "technoshare.json"
        self.production = production
        self.dataset.parent.mkdir(parents=True)
        shutil.copytree(EVALS / "pages", folder / "evals" / "pages")
        for file in EVALS.glob("*.py"):
            shutil.copy(file, folder / "evals")
        (folder / "pytest.ini").write_text(INI)
        content = json.loads((EVALS / "datasets" / "technoshare.json").read_text())
        content["examples"] = [row for row in content["examples"] if row["id"] == PAGE_EXAMPLE]
        self.dataset.write_text(json.dumps(content, indent=2, ensure_ascii=False))

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make its folder the working directory and production's settings those of this process, for a test."""
        monkeypatch.chdir(self.folder)
        for name, value in self.production.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(logging.root.manager, "disable", logging.NOTSET)  # as a command leaves it

    def technoshare(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return technoshare(*arguments, folder=self.folder, settings=self.production.environment)

    def pytest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        modules = [f"evals/test_{name}.py" for name in ("outcome", "structure", "grounding")]
        command = [sys.executable, "-m", "pytest", "-q", *modules, *arguments]
        return self._run(command, {"MLFLOW_ENABLE_TRACKING": "false"})

    @property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.dataset.read_text())["examples"]
        return found

    @property
    def evidence(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("evals/evidence/*"))

    def decide(self, example_id: str, outcome: str) -> None:
        """What a reviewer does with an editor."""
        content = json.loads(self.dataset.read_text())
        (row,) = [row for row in content["examples"] if row["id"] == example_id]
        row["expected_outcome"] = outcome
        row["tags"].remove("needs_review")
        self.dataset.write_text(json.dumps(content, indent=2, ensure_ascii=False))

    def _run(self, command: list[str], settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
        base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**base, **settings},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
