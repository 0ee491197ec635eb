"""Who asks, and whether the answer is replayed or recorded: a scope for each case's task and for each of its scorers.

    recorder = Recorder(Cassette(folder), "new")
    with recorder.scope(place, "task"):
        ...  # requests of clients made by `recording.async_client()` are looked up, or sent and written down

In a scope the n-th identical request gets the n-th recording. What a server says about the moment, the account or its
address (401 to 405, 407, 408, 409, 425, 429, 5xx) is no answer to the request, and is not recorded; nor is a gateway's
answer of status 200 that holds an error with such a status.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal, NoReturn

from technoshare_commentator.mlops.evaluation.recording.failures import (
    MissingRecordingError,
    RecordingError,
    StopReplayError,
)
from technoshare_commentator.mlops.evaluation.recording.requests import differences, likeness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.recording.cassette import Cassette, RecordedResponse, Recording
    from technoshare_commentator.mlops.evaluation.recording.places import CasePlace
    from technoshare_commentator.mlops.evaluation.recording.requests import AskedRequest

Mode = Literal["none", "new", "all"]
Use = Literal["replayed", "recorded"]

_OK = 200
_SERVER_ERRORS = 500
# 404 and 405: tomorrow the model may have been pulled, or the base URL set right, which is no part of a request.
_OF_THE_MOMENT = frozenset({401, 402, 403, 404, 405, 407, 408, 409, 425, 429})


class Recorder:
    """One process's side of a cassette."""

    def __init__(
        self,
        cassette: Cassette,
        mode: Mode,
        *,
        note: Callable[[Use, Path], None] = lambda _use, _path: None,
        command: Callable[[CasePlace], str] = lambda _place: "pytest --eval-record new",
    ) -> None:
        """Take where recordings are and what may be done; who hears of each use, and how a case is recorded."""
        self.cassette = cassette
        self.mode = mode
        self.note = note
        self.command = command
        self.fresh: set[Path] = set()  # recorded by this process: in mode `all`, everything else is as good as missing

    def replays(self, place: CasePlace, asked_by: str) -> bool:
        """Whether the requests of a scope are going to be answered from recordings, as far as one can tell."""
        return self.mode != "all" and bool(self.cassette.of(place, asked_by))

    @contextmanager
    def scope(self, place: CasePlace, asked_by: str) -> Iterator[Scope]:
        """Replay and record in this block and in what it starts.

        Raises `RecordingError` for what cannot be replayed or recorded, also when the code in the block swallows it.
        """
        scope = Scope(self, place, asked_by)
        token = _active.set(scope)
        try:
            yield scope
        except BaseException:
            if scope.failure is not None:
                raise scope.failure from None
            raise
        finally:
            _active.reset(token)
        if scope.failure is not None:
            raise scope.failure


class Scope:
    """What is asked by one who asks."""

    def __init__(self, recorder: Recorder, place: CasePlace, asked_by: str) -> None:
        """Take the recorder, the case and who asks in it."""
        self.recorder = recorder
        self.place = place
        self.asked_by = asked_by
        self.replayed = self.recorded = 0
        self.failure: RecordingError | None = None
        self._taken: defaultdict[str, set[int]] = defaultdict(set)
        self._lock = threading.Lock()

    def ask(self, request: AskedRequest) -> Turn:
        """Begin with a request; raises `StopReplayError` where it has no recording and must have one."""
        with self._lock:
            taken = self._taken[request.digest]
            occurrence = next(number for number in range(1, len(taken) + 2) if number not in taken)
            taken.add(occurrence)
        path = self.recorder.cassette.path(self.place, self.asked_by, request.digest, occurrence)
        known = self._known(path)
        if known is not None:
            self.note("replayed", path)
        elif self.recorder.mode == "none":
            self.stop(MissingRecordingError(self._what_is_missing(request, occurrence)))
        return Turn(self, request, occurrence, path, known)

    def stop(self, error: RecordingError) -> NoReturn:
        """Raise `StopReplayError`; the scope ends with the first such error."""
        self.failure = self.failure or error
        raise StopReplayError(error)

    def _known(self, path: Path) -> Recording | None:
        if self.recorder.mode == "all" and path not in self.recorder.fresh:
            return None
        try:
            return self.recorder.cassette.read(path)
        except RecordingError as error:
            self.stop(error)

    def give_back(self, request: AskedRequest, occurrence: int) -> None:
        """Let the next identical request have this turn: it was not answered."""
        with self._lock:
            self._taken[request.digest].discard(occurrence)

    def note(self, use: Use, path: Path) -> None:
        """Count a use, and let others know."""
        with self._lock:
            self.replayed += use == "replayed"
            self.recorded += use == "recorded"
        self.recorder.note(use, path)

    @property
    def replay_share(self) -> str:
        """`all` or `part` of what was asked was replayed; empty where nothing was."""
        if not self.replayed:
            return ""
        return "part" if self.recorded else "all"

    def _what_is_missing(self, request: AskedRequest, occurrence: int) -> str:
        place = self.place
        trial = f", trial {place.trial}" if place.trial > 1 else ""
        return (
            f"{place.case_id!r} asks a model what is not recorded; record it with: {self.recorder.command(place)}\n"
            f"  variant {place.variant!r}{trial}, asked by {self.asked_by}: {request.method} {request.path}\n"
            f"  {self._nearest(request, occurrence)}\n"
            "  nothing was sent, as --eval-record is none"
        )

    def _nearest(self, request: AskedRequest, occurrence: int) -> str:
        cassette = self.recorder.cassette
        if occurrence > 1:
            return f"{occurrence - 1} of the same are recorded, and this is one more"
        paths = cassette.of(self.place, self.asked_by) or cassette.of(self.place)
        known = {path: recording.asked for path in paths if (recording := self._known(path)) is not None}
        if not known:
            return f"nothing is recorded of it in {str(cassette.folder / self.place.folder)!r}"
        path, nearest = min(known.items(), key=lambda one: likeness(one[1], request))
        places = ", ".join(differences(nearest, request)) or "what was redacted"
        return f"the nearest recording, {path}, differs in: {places}"


class Turn:
    """One request in its scope: `known` is its recording, or None where it has to be sent."""

    def __init__(
        self, scope: Scope, request: AskedRequest, occurrence: int, path: Path, known: Recording | None
    ) -> None:
        """Take what was found."""
        self.scope = scope
        self.request = request
        self.occurrence = occurrence
        self.path = path
        self.known = known

    def answered(self, recording: Recording, known_secrets: frozenset[str]) -> Recording | None:
        """Write an answer down and return it as it is going to be replayed; None where it is not to be recorded.

        Raises `StopReplayError` where the disk refuses.
        """
        status = _status_of(recording.response)
        if status >= _SERVER_ERRORS or status in _OF_THE_MOMENT:
            self.given_up()
            return None
        recorder = self.scope.recorder
        try:
            kept = recorder.cassette.write(self.path, recording, known_secrets, replace=recorder.mode == "all")
        except OSError as error:
            file = str(recorder.cassette.folder / self.path)
            self.scope.stop(RecordingError(f"an answer cannot be recorded as {file!r}: {error.strerror}"))
        recorder.fresh.add(self.path)
        self.scope.note("recorded", self.path)
        return kept

    def given_up(self) -> None:
        """Let a further attempt take this turn."""
        self.scope.give_back(self.request, self.occurrence)


def _status_of(response: RecordedResponse) -> int:
    """The status of an answer, or the one inside it, in `error.code`."""
    error = response.body.get("error") if isinstance(response.body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if response.status == _OK and isinstance(code, int) else response.status


_active: ContextVar[Scope | None] = ContextVar("recording_scope", default=None)


class Session:
    """The recorder of this process while it evaluates, and the scope of the test that runs in its main thread."""

    recorder: Recorder | None = None
    test: Scope | None = None


def current_scope() -> Scope | None:
    """The scope in which a request is made; None where nothing is recorded.

    Tests run in the main thread, also those on event loops that outlive them; other threads need the caller's context.
    Raises `StopReplayError` for a request that belongs to no case where nothing may be sent.
    """
    scope = _active.get()
    if scope is None and threading.current_thread() is threading.main_thread():
        scope = Session.test
    if scope is None and Session.recorder is not None and Session.recorder.mode == "none":
        raise StopReplayError(
            MissingRecordingError(
                "a request that belongs to no case was not sent, as --eval-record is none; make it in a task, a scorer "
                "or a test, and where that starts threads, run them with contextvars.copy_context().run"
            )
        )
    return scope
