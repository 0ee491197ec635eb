"""A page of documentation that can be carried out: its chapters, their files, the commands and what these print.

A file is a block of code below its name in bold. A command is a line of a console block that begins with `$ `; the
lines up to the next one are what it prints, where a line `…` stands for any number of lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAME = re.compile(r"\*\*`(?P<name>[\w./-]+)`\*\*")
_FENCE = "```"
_PROMPT = "$ "
_ANY = "…"

# What differs from run to run and from machine to machine, and what stands for it.
_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\d-\d{6}-[0-9a-f]{4}"), "SESSION"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"), "TIME"),
    (re.compile(r"\b(tr-)?[0-9a-f]{32}\b"), "ID"),
    (re.compile(r"sqlite:///\S+"), "STORE"),
    (re.compile(r"\b\d+(\.\d+)? ?m?s\b"), "SECONDS"),
    (re.compile(r"(latency_seconds/\w+( \{\w+\})?): \S+"), r"\1: SECONDS"),
    (re.compile(r"([=_!-])\1{3,}"), r"\1\1\1"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True)
class File:
    """A file as the page shows it."""

    name: str
    content: str


@dataclass(frozen=True)
class Command:
    """A command and what the page says that it prints."""

    line: str
    output: list[str]


@dataclass(frozen=True)
class Chapter:
    """What stands below one heading of the second level, in its order."""

    title: str
    steps: list[File | Command] = field(default_factory=list)

    @property
    def files(self) -> list[File]:
        """The files that it shows."""
        return [step for step in self.steps if isinstance(step, File)]


def read_page(text: str) -> list[Chapter]:
    """Take a page apart."""
    chapters = [Chapter("")]
    name = ""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("## "):
            chapters.append(Chapter(line.removeprefix("## ")))
        elif line.startswith(_FENCE):
            block = list(_block(lines))
            if line == f"{_FENCE}console":
                chapters[-1].steps.extend(_commands(block))
            elif name:
                chapters[-1].steps.append(File(name, "\n".join(block) + "\n"))
            name = ""
        elif line:
            named = _NAME.fullmatch(line)
            name = named["name"] if named else ""
    return chapters


def _block(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith(_FENCE):
            return
        yield line


def _commands(block: Sequence[str]) -> Iterator[Command]:
    starts = [number for number, line in enumerate(block) if line.startswith(_PROMPT)]
    for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
        yield Command(block[start].removeprefix(_PROMPT), list(block[start + 1 : end]))


def first_difference(shown: Sequence[str], printed: Sequence[str]) -> str | None:
    """The first of the shown lines that was not printed where it should have been; None where all were."""
    position, anchored = 0, True
    actual = _plain(printed)
    for line in _plain(shown):
        if line == _ANY:
            anchored = False
            continue
        found = actual.index(line, position) if line in actual[position:] else len(actual)
        if found == len(actual) or (anchored and found != position):
            return line
        position, anchored = found + 1, True
    return None if position == len(actual) or not anchored else f"the end, but there is more: {actual[position]}"


def _plain(lines: Sequence[str]) -> list[str]:
    """Lines with something in them, and what is volatile replaced."""
    plain = []
    for line in lines:
        shown = line
        for pattern, replacement in _VOLATILE:
            shown = pattern.sub(replacement, shown)
        plain.append(shown.strip())
    return [line for line in plain if line]
