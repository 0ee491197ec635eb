"""One foreign project with everything in it, run once for each way to distribute tests and asked many questions."""

from __future__ import annotations

import fcntl
import json
import os
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from foreign_project import ALONE, Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = """
    @words
    class TestShouting:
        def test_shouted(self, output, check):
            check(output, shouted)

        def test_brief(self, output, check):
            check(output, brevity)

    @words
    def test_plain_assert(output):
        assert brevity(output)

    @words
    @pytest.mark.parametrize("times", [1, 2])
    def test_parametrized(output, check, times):
        check(output * times, shouted)

    @pytest.mark.eval(dataset="words.json", where=lambda example: "hard" in example.tags)
    def test_where(example):
        assert example.id == "long-word"

    @pytest.mark.eval(dataset="words.json", where=lambda example: False)
    def test_nowhere(output):
        pass

    @pytest.mark.eval(dataset="others.json")
    def test_other_dataset(output, check):
        check(output, shouted)

    @words
    def test_first_note(output, tracked_run):
        tracked_run.tag(seen="yes")

    @words
    def test_second_note(output, tracked_run):
        tracked_run.metric(letters=len(output), unknown=float("nan"))

    @words
    def test_skipped(example):
        pytest.skip("not today")

    @words
    @pytest.mark.xfail(strict=True)
    def test_known_to_fail(output, check):
        check(output.lower(), shouted)
"""

TYPED = """
    from technoshare_commentator.mlops.evaluation.dataset import Example

    class Word(Example):
        text: str

    @pytest.mark.eval(dataset="words.json", schema=Word)
    def test_schema(example, output):
        assert type(example) is Word
"""

OWN_TASK = """
    from technoshare_commentator.mlops import tracing

    @words
    @pytest.mark.parametrize("price", [0.25, 0.5])
    def test_own_task(example, tracked_run, check, price):
        with tracked_run.stage("shout"), tracing.span("llm", tracing.SpanType.LLM) as span:
            span.usage(model="m", input_tokens=3, output_tokens=2, cost_usd=price)
        check(example.text.upper(), shouted)

    @pytest.mark.eval
    def test_without_dataset(tracked_run, check):
        tracked_run.metric(x=1)
        check("A", shouted)
"""

ODD = """
    import asyncio
    import threading
    import numpy

    @scorer
    def quiet(output):
        return Score("quiet", numpy.float32(0.25), numpy.bool_(False), rationale="half a smile \\ud83d, \\U0001f642")

    @scorer
    def broken(output):
        return 1 / 0

    @scorer(pass_at=0.5)
    def not_a_number(output):
        return numpy.float64("nan")

    @pytest.fixture(scope="module")
    def runner():
        with asyncio.Runner() as runner:
            yield runner

    @pytest.mark.eval(dataset="odd.json")
    def test_all(output, check):
        check(output, lambda output: True, quiet, broken, not_a_number)

    @pytest.mark.eval(dataset="odd.json")
    def test_one_loop_for_all(example, runner):
        async def judge():
            return scorer(name=f"in_{example.id}")(lambda output: True)("")
        assert runner.run(judge())

    @pytest.mark.eval(dataset="odd.json")
    def test_thread(example, check):
        thread = threading.Thread(target=check, args=("", scorer(name=f"threaded_{example.id}")(lambda output: True)))
        thread.start()
        thread.join()
"""

ODD_CONFTEST = """
    class Mute:
        def __repr__(self):
            raise RuntimeError("no words")

    def pytest_eval_task(config, variant):
        def odd(example):
            loop = []
            loop.append(loop)
            return {"bytes": b"\\xff", "mute": Mute(), "loop": loop}[example.id]
        return odd

    def pytest_eval_run_tags(config):
        return {"odd": 1}
"""

LOW_CONFTEST = """
    def pytest_eval_task(config, variant):
        return lambda example: example.text.lower()
"""

WHISPERING = """
    @pytest.mark.eval(dataset="../words.json")
    def test_whisper(output, check):
        check(output, scorer(name="whispered")(str.islower))
"""


def build(project: Project) -> None:
    """Write everything there is to a suite."""
    project.fill()
    project.write("pytest.ini", ALONE.replace("-p no:syrupy", ""))  # which comes with us
    project.dataset(
        {"name": "others", "examples": [{"id": "short-word", "text": "else"}, {"id": "down", "text": "boom"}]},
        "others.json",
    )
    project.dataset({"name": "odd", "examples": [{"id": "bytes"}, {"id": "mute"}, {"id": "loop"}]}, "odd/odd.json")
    project.tests(WORDS)
    project.tests(TYPED, "test_typed.py")
    project.tests(OWN_TASK, "test_own_task.py")
    project.tests(ODD, "odd/test_odd.py")
    project.write("odd/conftest.py", ODD_CONFTEST)
    project.tests(WHISPERING, "low/test_low.py")
    project.write("low/conftest.py", LOW_CONFTEST)


@dataclass
class RichRun:
    """The project after its run, the run's outcome, and what MLflow holds of it."""

    project: Project
    outcome: pytest.RunResult

    @cached_property
    def store(self) -> dict[str, Any]:
        """The runs and traces of the session's experiment, which is the only one."""
        with warnings.catch_warnings(), unchanged_environment():
            warnings.simplefilter("ignore")  # MLflow's dependencies warn of one another
            from technoshare_commentator.mlops.mlflow_environment import prepare_mlflow  # noqa: PLC0415 - takes seconds

            prepare_mlflow()
            from mlflow import MlflowClient  # noqa: PLC0415 - as above

            from mlflow_store import contents  # noqa: PLC0415 - as above

            client = MlflowClient(tracking_uri=self.project.store)
            assert {one.name for one in client.search_experiments()} == {"Default", "words_eval"}
            return contents(client, "words_eval")


@contextmanager
def unchanged_environment() -> Iterator[None]:
    """Undo what is done to the environment meanwhile."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run_once(folder: Path, arguments: tuple[str, ...]) -> RichRun:
    """Build the project in the folder and run it, unless another process of this session did or is at it."""
    project, outcome = Project(folder / "words"), folder / "outcome.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not outcome.exists():
            build(project)
            wanted = ("-W", "error", "--eval-experiment", "words_eval", *arguments)
            done = project.run(*wanted, MLFLOW_ENABLE_TRACKING="true")
            outcome.write_text(json.dumps([done.ret, done.outlines, done.errlines, done.duration]))
    return RichRun(project, pytest.RunResult(*json.loads(outcome.read_text())))
