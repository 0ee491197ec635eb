"""The process that keeps the copy on disk fresh: `python -m technoshare_commentator.mlops.prompts.refresher`.

It is a process of its own so that a job neither imports MLflow nor waits for it. It reads the registry at least once,
then again at every interval until its standard input closes. One on a machine is enough: the others wait, without
MLflow, until they are needed.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.mlops.prompts.snapshot import SnapshotFolder, check_alias
from technoshare_commentator.mlops.settings import TrackingSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from technoshare_commentator.mlops.prompts.registry import PromptRegistry

logger = logging.getLogger("technoshare_commentator.prompts")

_TURN_SECONDS = 1.0


class Refresher:
    """Brings what an alias points to from the registry to the disk."""

    def __init__(self, folder: SnapshotFolder, alias: str, open_registry: Callable[[], PromptRegistry]) -> None:
        """Take where to write, what to read, and how to reach the registry, which is tried anew after a failure."""
        self._folder = folder
        self._alias = alias
        self._open = open_registry
        self._registry: PromptRegistry | None = None

    def refresh(self) -> bool:
        """Read and write once; where that fails, what was there stays, and the reason is noted beside it."""
        try:
            with self._folder.lock():
                self._registry = self._registry or self._open()
                self._folder.update(self._alias, self._registry.with_alias)
        except (TechnoShareError, OSError) as error:
            self._registry = None
            self._folder.failed(self._alias, str(error))
            logger.warning("%s", error)
            return False
        return True

    def refresh_until(self, released: threading.Event, interval_seconds: float) -> None:
        """Refresh at every interval, once in any case; where another process on this machine does, wait for its end."""
        while True:
            with self._folder.lock(f"refresher-{self._alias}", wait=False) as is_first:
                while is_first:
                    self.refresh()
                    if released.wait(interval_seconds):
                        return
            if released.wait(_TURN_SECONDS):
                return


def open_registry(tracking: TrackingSettings) -> PromptRegistry:
    """Connect; this is where MLflow gets imported."""
    from technoshare_commentator.mlops.prompts.registry import PromptRegistry  # noqa: PLC0415 - takes seconds

    return PromptRegistry.open(tracking)


def main(arguments: list[str] | None = None) -> int:
    """Keep an alias of the store of `MLFLOW_TRACKING_URI` fresh below TECHNOSHARE_HOME."""
    parser = argparse.ArgumentParser(prog="technoshare_commentator.mlops.prompts.refresher", description=__doc__)
    parser.add_argument("--alias", type=check_alias, required=True)
    parser.add_argument("--home", type=Path, required=True, help="TECHNOSHARE_HOME of whoever wants the prompts")
    parser.add_argument("--interval", type=float, required=True, metavar="SECONDS")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    uri = os.environ["MLFLOW_TRACKING_URI"]
    tracking = TrackingSettings.model_validate({"MLFLOW_TRACKING_URI": uri, "TECHNOSHARE_HOME": options.home})
    released = threading.Event()
    threading.Thread(target=_wait_for_end_of_input, args=(released,), daemon=True).start()
    refresher = Refresher(SnapshotFolder(options.home, uri), options.alias, lambda: open_registry(tracking))
    refresher.refresh_until(released, options.interval)
    return 0


def _wait_for_end_of_input(released: threading.Event) -> None:
    sys.stdin.buffer.read()
    released.set()


if __name__ == "__main__":
    sys.exit(main())
