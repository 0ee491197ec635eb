"""A foreign project whose task takes its time and keeps books, for sessions that are timed, killed and resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from foreign_project import Project

# `SECONDS` is replaced. Each call writes to overlap.txt how many there are at once in its process, and to finished.txt
# that its work is done, which is before anybody else can know.
CONFTEST = """
    import asyncio
    import os
    import threading
    import time
    from pathlib import Path

    HERE = Path(__file__)
    lock, inside = threading.Lock(), []

    def note(name, text):
        with HERE.with_name(name).open("a") as file:
            file.write(f"{text}\\n")

    def enter(example):
        note("calls.txt", example.id)
        with lock:
            inside.append(example.id)
            note("overlap.txt", len(inside))

    def leave(example):
        with lock:
            inside.remove(example.id)
        if example.text == "boom":
            raise RuntimeError("model is down")
        note("finished.txt", example.id)
        return example.text.upper()

    def pytest_eval_task(config, variant):
        async def wait(example):
            enter(example)
            await asyncio.sleep(SECONDS)
            return leave(example)

        def block(example):
            enter(example)
            time.sleep(SECONDS)
            return leave(example)

        return block if variant.model == "plain" else wait
"""

SHOUTED = """
    @words
    def test_shouted(output, check):
        check(output, shouted)
"""


def slow_down(project: Project, seconds: float) -> None:
    """Give a project the task that takes so long."""
    project.write("conftest.py", CONFTEST.replace("SECONDS", str(seconds)))


def examples(project: Project, count: int, **special: str) -> list[str]:
    """Give a project the examples e00, e01, … and some with a text of their own, and return their ids."""
    texts = {f"e{number:02}": "hi" for number in range(count)} | special
    rows: list[dict[str, Any]] = [{"id": name, "text": text} for name, text in texts.items()]
    project.dataset({"name": "words", "examples": rows})
    return sorted(texts)


def finished(project: Project) -> list[str]:
    """The cases whose work is done, as the task itself has noted."""
    return noted(project.folder, "finished.txt")


def noted(folder: Path, name: str) -> list[str]:
    """The lines of one of the task's books."""
    path = folder / name
    return path.read_text().split() if path.exists() else []
