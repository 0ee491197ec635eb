"""Which tests this process is going to run next, so that their cases can start early."""

from __future__ import annotations

from contextlib import suppress
from itertools import takewhile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


class Upcoming:
    """Tests that will run in this process: all of them, or those that xdist has dealt to this worker so far."""

    def __init__(self, config: pytest.Config) -> None:
        """Find the queue of the worker, if this is one."""
        self._config = config
        self.may_grow = hasattr(config, "workerinput")
        self._last: int | None = None
        self._told = False

    def items(self, session: pytest.Session) -> list[pytest.Item]:
        """What has not been returned before, in the order in which it will run."""
        if self.may_grow:
            return [session.items[index] for index in self._dealt()]
        told, self._told = self._told, True
        return [] if told else session.items

    def _dealt(self) -> list[int]:
        """What is new at the end of the worker's queue; xdist has no public way to look into it."""
        plugins = self._config.pluginmanager.get_plugins()
        queue: Any = next((one.torun for one in plugins if hasattr(one, "torun")), None)
        with suppress(AttributeError), queue.lock() as waiting:  # another version of xdist: cases run when asked for
            dealt = takewhile(lambda entry: entry != self._last, reversed(waiting))
            new = [entry for entry in dealt if isinstance(entry, int)]  # and not the mark of the end
            self._last = new[0] if new else self._last
            return new[::-1]
        return []
