"""How far a session is, while it goes on: a live line on a terminal, now and then a plain one anywhere else."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

if TYPE_CHECKING:
    import pytest
    from rich.progress import Task
    from rich.progress_bar import ProgressBar

    from technoshare_commentator.pytest_plugin.flights import Flights
    from technoshare_commentator.pytest_plugin.gathering import Gathering

_SECONDS_BETWEEN_LINES = 10.0
_REDRAWS_A_SECOND = 5
_BAR_WIDTH, _NARROW_BAR_WIDTH = 30, 6
_BESIDE_THE_BAR = 74  # columns; with the narrow bar all of it fits into 80


class Display(Protocol):
    """Something that shows how far a session is."""

    quiet_reports: bool  # whether pytest's own letters would be in its way

    def start(self) -> None:
        """Begin to show."""
        ...

    def stop(self) -> None:
        """Leave the terminal to others."""
        ...


def make_display(config: pytest.Config, gathering: Gathering, flights: Flights, *, only_cases: bool) -> Display | None:
    """Choose what suits the terminal; nothing where there is none, as on a worker.

    The live line takes the place of pytest's letters, so it is for sessions of cases alone whose reader has not asked
    for more lines (`-v`), for the tests' own output (`-s`) or for a debugger.
    """
    terminal: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or not _has_descriptor(terminal):
        return None
    state = State(gathering, flights)
    plain = config.option.verbose > 0 or config.option.capture == "no" or config.option.usepdb
    if terminal.isatty and only_cases and not plain:
        return LiveLine(terminal, state)
    return PlainLines(terminal, state)


class State:
    """What there is to say."""

    def __init__(self, gathering: Gathering, flights: Flights) -> None:
        """Take who knows of cases whose tests are over, and of those in flight."""
        self._gathering = gathering
        self._flights = flights
        self._started = time.monotonic()

    @property
    def total(self) -> int:
        """Cases of the session."""
        return self._gathering.total

    @property
    def run(self) -> int:
        """Cases that have their output; such as need no task of the suite's count with their tests."""
        self._flights.update()
        return min(self.total, max(self._gathering.count, self._flights.ended))

    def details(self) -> list[str]:
        """What is in flight, what is judged, what failed, what it has cost."""
        self._flights.update()
        judged, failed, cost = self._gathering.count, self._gathering.failed_count, self._gathering.cost_usd
        parts = [f"{len(self._flights.in_flight())} in flight", f"{judged} judged"]
        parts += [f"{failed} failed"] if failed else []
        return [*parts, f"${cost:.4f}"] if cost else parts

    def line(self) -> str:
        """All of it as a line of text."""
        seconds = time.monotonic() - self._started
        return f"{self.run} of {self.total} cases run, {', '.join(self.details())}, {seconds:.0f} s"


def _has_descriptor(terminal: pytest.TerminalReporter) -> bool:
    """Whether pytest writes to a file of the system's, and not into a text as it does when called from a notebook."""
    try:
        terminal._tw._file.fileno()  # noqa: SLF001 - pytest has no public way to ask
    except (AttributeError, OSError, ValueError):
        return False
    return True


def _real_output(terminal: pytest.TerminalReporter) -> TextIO:
    """The terminal itself: while a test runs, pytest catches what is written to standard output, from any thread."""
    descriptor = os.dup(terminal._tw._file.fileno())  # noqa: SLF001 - pytest has no public way to ask
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")


class PlainLines:
    """A line every ten seconds, between whatever pytest prints."""

    quiet_reports = False

    def __init__(self, terminal: pytest.TerminalReporter, state: State) -> None:
        """Take where to write."""
        self._file = _real_output(terminal)
        self._state = state
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write, name="eval-progress", daemon=True)

    def start(self) -> None:
        """Begin to count the seconds."""
        self._thread.start()

    def stop(self) -> None:
        """Write no more."""
        self._over.set()
        self._thread.join()
        self._file.close()

    def _write(self) -> None:
        while not self._over.wait(_SECONDS_BETWEEN_LINES):
            print(f"\n{self._state.line()}", file=self._file, flush=True)


class LiveLine:
    """A bar that fills, in the place of pytest's letters."""

    quiet_reports = True

    def __init__(self, terminal: pytest.TerminalReporter, state: State) -> None:
        """Take the terminal that pytest writes to."""
        self._terminal = terminal
        self._file = _real_output(terminal)
        console = Console(file=self._file, force_terminal=True, highlight=False)
        self._state = state
        room = console.width - _BESIDE_THE_BAR
        self._progress = Progress(
            TextColumn("cases"),
            _Filling(state, min(_BAR_WIDTH, max(_NARROW_BAR_WIDTH, room))),
            MofNCompleteColumn(),
            _Details(state),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            refresh_per_second=_REDRAWS_A_SECOND,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("cases", total=state.total)

    def start(self) -> None:
        """Draw the line."""
        self._terminal.showfspath = False
        self._progress.start()

    def stop(self) -> None:
        """Wipe the line off."""
        if not self._file.closed:
            self._progress.stop()
            self._file.close()


class _Filling(BarColumn):
    """The bar, filled anew whenever it is drawn: cases end in other processes, without a report."""

    def __init__(self, state: State, width: int) -> None:
        super().__init__(bar_width=width)
        self._state = state

    def render(self, task: Task) -> ProgressBar:
        """Draw the bar."""
        task.completed, task.total = self._state.run, self._state.total
        return super().render(task)


class _Details(ProgressColumn):
    """What else there is to say."""

    def __init__(self, state: State) -> None:
        super().__init__(Column(no_wrap=True))  # where a terminal is narrow, it ends in dots
        self._state = state

    def render(self, task: Task) -> Text:
        """Draw what is in flight."""
        del task
        return Text(" · ".join(self._state.details()))
