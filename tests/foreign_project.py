"""A small foreign project for the plugin's tests: it knows datasets, tasks and scorers, and nothing of TechnoShare."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

CONFTEST = """
    import asyncio

    def pytest_eval_task(config, variant):
        async def shout(example):
            with open({calls!r}, "a") as calls:
                print(example.id, file=calls)
            await asyncio.sleep(0)
            if example.text == "boom":
                raise RuntimeError("model is down")
            return example.text.upper()
        return shout

    def pytest_eval_run_tags(config):
        return {{"prompt": "shout/3"}}
"""

DATASET = {
    "name": "words",
    "version": "7",
    "examples": [
        {"id": "short-word", "text": "hi", "tags": ["easy"]},
        {"id": "long-word", "text": "incomprehensibilities", "tags": ["hard", "long"]},
        {"id": "two-words", "text": "hello there", "tags": ["easy"]},
    ],
}


class Project:
    """A foreign project in a folder of its own, tracked into a folder of its own."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pytester = pytester
        self.folder = pytester.path
        self._calls = self.folder / "calls.txt"
        monkeypatch.setenv("TECHNOSHARE_HOME", str(self.folder / ".home"))
        self.tracking(monkeypatch, on=False)
        pytester.makeconftest(CONFTEST.format(calls=str(self._calls)))
        self.dataset(DATASET)

    def tracking(self, monkeypatch: pytest.MonkeyPatch, *, on: bool, uri: str = "sqlite:///mlflow.db") -> None:
        monkeypatch.setenv("MLFLOW_ENABLE_TRACKING", str(on).lower())
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)

    def dataset(self, content: dict[str, Any], name: str = "words.json") -> None:
        (self.folder / name).write_text(json.dumps(content))

    def tests(self, body: str, **more: str) -> None:
        header = """
            import pytest
            from technoshare_commentator.mlops.evaluation.scorer import Score, scorer

            @scorer
            def shouted(output):
                return output.isupper()

            @scorer(pass_at=0.09)
            def brevity(output):
                return 1 / len(output)
        """
        self.pytester.makepyfile(test_words=textwrap.dedent(header) + "\n" + textwrap.dedent(body), **more)

    def run(self, *arguments: str) -> pytest.RunResult:
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:randomly", *arguments)

    @property
    def calls(self) -> list[str]:
        """The ids of the examples the task was called with, sorted."""
        return sorted(self._calls.read_text().split()) if self._calls.exists() else []

    @property
    def results(self) -> dict[str, Any]:
        """The content of eval_results.json."""
        content: dict[str, Any] = json.loads((self.folder / ".home/evals/eval_results.json").read_text())
        return content

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The cases of eval_results.json by example id."""
        return {row["example_id"]: row for row in self.results["cases"]}
