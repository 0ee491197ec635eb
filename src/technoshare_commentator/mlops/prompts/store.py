"""The prompts that a job uses: what the alias points to, as this machine last saw it, or else the YAML.

    prompts = PromptStore(load_tracking_settings(), alias="prod")
    prompts.current("stage_b_compose_reply").label      # stage_b_compose_reply/3/0f3a9c2b1d4e, or …/yaml/…

`current` looks at one file on disk and never waits for the registry: another process reads that (see `refresher`), and
what it has found counts from the next call on, so promotions and rollbacks need no restart.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.prompts.snapshot import SnapshotFolder, check_alias
from technoshare_commentator.mlops.redaction import without_password
from technoshare_commentator.prompts import CONTEXT, YAML, context_of, load_prompt

if TYPE_CHECKING:
    from technoshare_commentator.mlops.prompts.snapshot import Snapshot
    from technoshare_commentator.mlops.settings import TrackingSettings
    from technoshare_commentator.prompts import ProjectContext, Prompt

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 30.0
_SQLITE_FILE = "sqlite:///"


class PromptStore:
    """Prompts by name for one process, threads and tasks included; nothing is read before the first is asked for."""

    def __init__(
        self,
        tracking: TrackingSettings,
        *,
        alias: str = "prod",
        directory: Path | None = None,
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        """Take the registry's store, the alias (`yaml` for none: always the YAML) and the folder with the YAML."""
        self._tracking = tracking
        self._alias = check_alias(alias)
        self._directory = directory
        self._refresh_seconds = refresh_seconds
        self._folder = SnapshotFolder(tracking.home, tracking.uri)
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._seen: tuple[int, int, int] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._last_attempt = float("-inf")
        self._told: dict[str, str] = {}

    def current(self, name: str) -> Prompt:
        """The prompt to use for a job that begins now; raises `PromptError` where there is not even a YAML of it."""
        if self._alias == YAML:
            return load_prompt(name, self._directory)
        with self._lock:
            self._look()
            self._keep_fresh()
            prompt = self._snapshot.prompts.get(name) if self._snapshot else None
        prompt = prompt or load_prompt(name, self._directory)
        self._tell(name, prompt)
        return prompt

    def project_context(self) -> ProjectContext:
        """The team's themes, which are versioned like a prompt."""
        return context_of(self.current(CONTEXT))

    def start(self) -> None:
        """Begin to refresh now; for processes that live long and may wait a while for their first job."""
        with self._lock:
            if self._alias != YAML and not self._is_refreshing():
                self._start_refresher()

    def release(self, seconds: float) -> bool:
        """Let the refresher end, as it does by itself when this process ends; False when that takes longer."""
        with self._lock:
            if self._process is None or self._process.stdin is None:
                return True
            self._process.stdin.close()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
        return True

    def _look(self) -> None:
        """Take up what is on disk if it is other than before; what cannot be read leaves what was read before."""
        try:
            found = self._folder.file(self._alias).stat()
        except OSError:
            return
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._snapshot = self._folder.read(self._alias)
        except (OSError, ValueError) as error:
            logger.warning("prompts: %s cannot be used (%s)", self._folder.file(self._alias), error)

    def _keep_fresh(self) -> None:
        """See that a refresher is at work, unless what is here is fresh."""
        age = time.time() - self._snapshot.read_at if self._snapshot else float("inf")
        if 0 <= age < self._refresh_seconds or self._is_refreshing():
            return
        if time.monotonic() - self._last_attempt >= self._refresh_seconds:
            self._start_refresher()

    def _is_refreshing(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start_refresher(self) -> None:
        """Start it; milliseconds. A SQLite file that is not there holds no prompts, and must not be made by reading."""
        self._last_attempt = time.monotonic()
        uri = self._tracking.uri
        if uri.startswith(_SQLITE_FILE) and not Path(uri.removeprefix(_SQLITE_FILE)).is_file():
            return
        # -P: a module in the working directory must not stand in for one of ours or of MLflow's.
        command = [sys.executable, "-P", "-m", "technoshare_commentator.mlops.prompts.refresher"]
        command += ["--alias", self._alias, "--home", str(self._tracking.home)]
        with suppress(OSError):  # a read-only disk: the YAML is there
            self._folder.path.mkdir(parents=True, exist_ok=True)
            with (self._folder.path / "refresher.log").open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - this interpreter with our own module
                    [*command, "--interval", str(self._refresh_seconds)],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "MLFLOW_TRACKING_URI": uri},  # not an argument, which everybody could read
                    start_new_session=True,
                )

    def _tell(self, name: str, prompt: Prompt) -> None:
        """Say which version is used and from where, once until that changes."""
        problem = self._folder.last_error(self._alias)
        said = f"{prompt.label} {problem}"
        if self._told.get(name) == said:
            return
        self._told[name] = said
        where = f"{self._alias} in {without_password(self._tracking.uri)}"
        if prompt.origin == YAML:
            how = f"from YAML: this machine has seen no version that is {where}"
        else:
            how = f"the last that this machine saw as {where}" if problem else f"which is {where}"
        level, why = (logging.WARNING, f" ({problem})") if problem else (logging.INFO, "")
        logger.log(level, "prompts: %s is used, %s%s", prompt.label, how, why)
