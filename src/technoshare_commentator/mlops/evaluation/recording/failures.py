"""What can be wrong with recordings."""

from __future__ import annotations

from technoshare_commentator.errors import TechnoShareError


class RecordingError(TechnoShareError):
    """A recording cannot be read or written."""


class MissingRecordingError(RecordingError):
    """A request has no recording where nothing may be sent."""


class StopReplayError(BaseException):
    """Carries an error past clients that would try again and pipelines that would carry on without an answer."""

    def __init__(self, error: RecordingError) -> None:
        """Take what the scope is going to raise."""
        super().__init__(str(error))
