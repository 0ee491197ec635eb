"""From a finished record to the store: redact it, spool it, and see that a shipper is at work. Nobody waits."""

from __future__ import annotations

import logging
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from technoshare_commentator.mlops.records import RunRecord, Shipment
from technoshare_commentator.mlops.redaction import Redactor, without_password
from technoshare_commentator.mlops.spool import Spool
from technoshare_commentator.mlops.tracking import Tracker, discard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from technoshare_commentator.mlops.settings import TrackingSettings

logger = logging.getLogger(__name__)

_PROBE_SECONDS = 0.25
_SECONDS_BETWEEN_ATTEMPTS = 30.0
_FILE_CLOCK_SECONDS = 0.05  # the times of files tick more coarsely than clocks


def make_tracker(settings: TrackingSettings, secrets: Iterable[str] = ()) -> Tracker:
    """Return the tracker that the settings ask for; with tracking off it keeps nothing, traces included."""
    if not settings.tracking:
        return Tracker(discard, tracing_enabled=False)
    Shipment.prepare()
    return Tracker(SpoolDelivery(settings, secrets), tracing_enabled=settings.tracing)


class SpoolDelivery:
    """Keeps records in the spool and a shipper process running for as long as this process lives."""

    def __init__(self, settings: TrackingSettings, secrets: Iterable[str] = ()) -> None:
        """Take where records go and which values must never be in them."""
        self._settings = settings
        self._redact = Redactor(secrets)
        self._since = time.monotonic() - _FILE_CLOCK_SECONDS
        self._shippers: dict[Path, ShipperProcess] = {}
        self._last_attempt: dict[Path, float] = {}
        self._starting: threading.Thread | None = None
        self._warned = False

    def __call__(self, record: RunRecord) -> None:
        """Spool the record durably; shipping it happens elsewhere, later."""
        spool = spool_record(record, self._settings, self._settings.experiment, self._redact)
        self._warn_of_failures(spool)
        if self._wants_shipper(spool.directory):
            # Starting a process takes milliseconds that are not the job's.
            self._starting = threading.Thread(target=self._start_shipper, args=(spool,), name="start-shipper")
            self._starting.start()

    def release(self, seconds: float) -> bool:
        """Let the shippers finish and end; False when that takes longer (they go on alone)."""
        if self._starting is not None:
            self._starting.join(seconds)
        for shipper in self._shippers.values():
            shipper.release()
        return all(shipper.wait(seconds) for shipper in self._shippers.values())

    def _wants_shipper(self, directory: Path) -> bool:
        """Whether none is at work and the last attempt to start one is some time ago; counts as the next attempt."""
        shipper, now = self._shippers.get(directory), time.monotonic()
        if shipper is not None and shipper.is_running:
            return False
        if now - self._last_attempt.get(directory, float("-inf")) < _SECONDS_BETWEEN_ATTEMPTS:
            return False
        self._last_attempt[directory] = now
        return True

    def _start_shipper(self, spool: Spool) -> None:
        if spool.directory in self._shippers:
            spool.failed(f"the last shipper ended unexpectedly; {spool.directory}/shipper.log says why")
        problem = unreachable(self._settings.uri)
        if not problem:
            try:
                self._shippers[spool.directory] = ShipperProcess(spool, self._settings.uri)
            except OSError as error:
                problem = f"no shipper could be started ({error})"
        if problem:
            spool.failed(problem)
        self._warn_of_failures(spool)

    def _warn_of_failures(self, spool: Spool) -> None:
        """Say once that records have to wait, in whatever process that came to light since this one began."""
        if not self._warned and spool.seconds_since_failure() < time.monotonic() - self._since:
            self._warned = True
            what = spool.last_error
            logger.warning("tracking: %s; records are kept, 'technoshare spool ship' sends them later", what)


def spool_record(record: RunRecord, settings: TrackingSettings, experiment: str, redact: Redactor) -> Spool:
    """Write the record to the spool, or to one in the system's temporary folder when the disk refuses; returns it."""
    content = redact(Shipment(experiment, without_password(settings.uri), record).to_json())
    spool = Spool(settings.spool_directory)
    try:
        spool.append(record.key, content)
    except OSError as error:
        refuge = _refuge()
        spool = Spool(refuge / "spool")
        spool.append(record.key, content)
        _warn_of_refuge(settings.spool_directory, error.strerror or str(error), refuge)
    return spool


def _refuge() -> Path:
    """A folder that is only ours; anybody can write to the folder for temporary files, so it is looked at first."""
    refuge = Path(tempfile.gettempdir(), f"technoshare-{os.getuid()}")
    refuge.mkdir(mode=0o700, exist_ok=True)
    found = refuge.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{refuge} is open to other users; remove it, or set TECHNOSHARE_HOME")
    return refuge


@cache
def _warn_of_refuge(directory: Path, reason: str, refuge: Path) -> None:
    """Say it once, not for every record."""
    logger.warning(
        "tracking: %s cannot be written (%s); records are kept in %s, 'TECHNOSHARE_HOME=%s technoshare spool ship' "
        "sends them later",
        directory,
        reason,
        refuge,
        refuge,
    )


class ShipperProcess:
    """A running shipper; it ends when this process ends, or when it is released, and the spool is empty."""

    def __init__(self, spool: Spool, tracking_uri: str, *, warm_up: bool = False) -> None:
        """Start it; its log is `shipper.log` in the spool's folder."""
        spool.directory.mkdir(parents=True, exist_ok=True)
        # -P: a module in the working directory must not stand in for one of ours or of MLflow's.
        command = [sys.executable, "-P", "-m", "technoshare_commentator.mlops.shipper"]
        command += ["--spool", str(spool.directory.resolve()), *(["--warm-up"] if warm_up else [])]
        with (spool.directory / "shipper.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter with this module
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                # A password in the URI is nobody's business, and everybody can read the arguments of a process.
                env={**os.environ, "MLFLOW_TRACKING_URI": tracking_uri},
                start_new_session=True,  # Ctrl-C is for the foreground; the shipper finishes its work
            )

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def release(self) -> None:
        """Let it finish what is in the spool and end."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def wait(self, seconds: float) -> bool:
        """Wait for the end after a release; False when it takes longer (it goes on alone)."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def unreachable(tracking_uri: str) -> str:
    """Say why an HTTP store cannot be reached, in a quarter of a second at most; empty when it can, or is a file."""
    if not tracking_uri.startswith(("http://", "https://")):
        return ""
    try:
        parts = urlsplit(tracking_uri)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=_PROBE_SECONDS).close()
    except (OSError, ValueError) as error:
        return f"MLflow at {without_password(tracking_uri)} cannot be reached ({error})"
    return ""
