"""What the plugin adds to pytest before the first test: to collecting examples, and to projects that do not use it."""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from measuring import environment, prepared, timed
from peers import programs

_WITHOUT = ("-p", "no:technoshare_eval")
_COLLECT = ("--collect-only", "-q")


@dataclass(frozen=True)
class Question:
    """Two ways to start pytest, the second without the plugin, taken in turn as often as `times`; a limit in ms."""

    title: str
    suite: str
    arguments: tuple[str, ...]
    bare_suite: str
    bare_arguments: tuple[str, ...]
    times: int
    limit: int


@dataclass(frozen=True)
class Difference:
    """Medians in milliseconds."""

    question: Question
    with_plugin: float
    without: float


def questions(examples: int) -> list[Question]:
    return [
        Question(
            f"collecting {examples:,} examples, beside pytest.mark.parametrize with the same ids",
            "ours",
            ("test_five_scores.py", *_COLLECT),
            "startup",
            ("test_parametrized.py", *_COLLECT, *_WITHOUT),
            times=5,
            limit=300,
        ),
        Question(
            "a project without an eval mark",
            "startup",
            ("test_plain.py", "-q"),
            "startup",
            ("test_plain.py", "-q", *_WITHOUT),
            times=7,
            limit=20,
        ),
    ]


def measured(question: Question, examples: int) -> Difference:
    """Ask once without counting, then in turn."""
    print(f"start-up: {question.title}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        ours, bare = Path(name, "ours"), Path(name, "bare")
        prepared(ours, question.suite, examples)
        prepared(bare, question.bare_suite, examples)
        pairs = [
            (_milliseconds(ours, question.arguments), _milliseconds(bare, question.bare_arguments))
            for _ in range(question.times + 1)
        ][1:]
    with_plugin, without = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Difference(question, with_plugin, without)


def _milliseconds(folder: Path, arguments: tuple[str, ...]) -> float:
    command = [str(programs("") / "python"), "-m", "pytest", *arguments]
    seconds, status, printed = timed(command, folder, environment(folder, 0, {}))
    if status:
        raise SystemExit(f"pytest {' '.join(arguments)} ended with {status}:\n{printed}")
    return seconds * 1000
