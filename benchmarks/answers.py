"""The work that every contender of the evaluation benchmark does: questions, one task, five scores.

Each suite lies beside a copy of this file and of `questions.json`, and wraps these in the idiom of its framework.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Step = Callable[[str], AbstractContextManager[object]]

QUESTIONS_FILE = "questions.json"
LATENCY_VARIABLE = "BENCH_LATENCY_SECONDS"


def write_questions(path: Path, cases: int) -> None:
    """Write a dataset of that many examples."""
    examples = [{"id": f"refund-{n:04}", "question": f"How do I return order {n}?"} for n in range(cases)]
    path.write_text(json.dumps({"name": "questions", "examples": examples}), encoding="utf-8")


def questions() -> dict[str, str]:
    """The questions by their ids."""
    content = json.loads(Path(__file__).with_name(QUESTIONS_FILE).read_text(encoding="utf-8"))
    return {example["id"]: example["question"] for example in content["examples"]}


async def answer(question: str, step: Step) -> str:
    """Answer in three steps, each in the span that `step(name)` opens; the caller's own is the fourth."""
    with step("retrieve"):
        source = "https://shop.example/returns"
    with step("generate"):
        if latency := float(os.environ.get(LATENCY_VARIABLE, "0")):
            await asyncio.sleep(latency)
        text = f"To {question[9:-1]}, print the label and send it back within 30 days."
    with step("render"):
        return f"{text} [1] {source}"


def cites_source(_question: str, answered: str) -> bool:
    return "[1] https://" in answered


def on_topic(question: str, answered: str) -> bool:
    return all(word in answered for word in question.strip("?").split()[3:])


def short(_question: str, answered: str) -> bool:
    return len(answered.split()) < 40


def names_deadline(_question: str, answered: str) -> bool:
    return "30 days" in answered


def friendly(_question: str, answered: str) -> bool:
    return "!" not in answered


SCORES: dict[str, Callable[[str, str], bool]] = {
    score.__name__: score for score in (cites_source, on_topic, short, names_deadline, friendly)
}
