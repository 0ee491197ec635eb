"""The summary at the end of a session, written through pytest's own reporter."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from technoshare_commentator.mlops.evaluation.reporting.annotations import annotation_commands
from technoshare_commentator.mlops.evaluation.reporting.console import session_parts
from technoshare_commentator.pytest_plugin.terminal.where import where_to_look

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest
    from rich.console import RenderableType

    from technoshare_commentator.pytest_plugin.controlling import Controlling

_NARROWEST = 60


def print_summary(terminal: pytest.TerminalReporter, controlling: Controlling) -> None:
    """Write the summary, and what GitHub makes annotations of where it runs us."""
    terminal.section("evaluation")
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=max(_NARROWEST, terminal._tw.fullwidth),  # noqa: SLF001 - pytest has no public way to ask
        force_terminal=terminal.hasmarkup,
        highlight=False,
    )
    for part in _parts(controlling, console.width):
        console.print(part, soft_wrap=isinstance(part, Text))
    for written in buffer.getvalue().splitlines():  # one that a terminal cannot show does not spoil the others
        terminal.line(written.rstrip())
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for command in annotation_commands(controlling.final, terminal.config.rootpath):
            terminal.line(command)


def _parts(controlling: Controlling, width: int) -> Iterator[RenderableType]:
    yield from session_parts(controlling.final, width, controlling.outputs())
    for problem in controlling.problems:
        yield Text(problem, style="bold red")
    for notice in controlling.notices:
        yield Text(notice, style="yellow")
    yield from where_to_look(controlling)
