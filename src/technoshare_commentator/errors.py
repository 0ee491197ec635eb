"""Every exception a user can meet; each says what is wrong and what to do next."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class TechnoShareError(Exception):
    """Base of all errors with a message meant for people; `reason` names the kind in tags."""

    exit_status = 1
    reason = "error"


class ConfigurationError(TechnoShareError):
    """A setting, a file of the user's or a command line cannot be used as it is."""

    exit_status = 2
    reason = "configuration"


class PromptError(ConfigurationError):
    """A file in `prompts/` is malformed or a template variable is missing."""


class DatasetError(ConfigurationError):
    """A dataset or an example in it is malformed."""


class SourceError(TechnoShareError):
    """Nothing could be read from a source."""

    exit_status = 4
    reason = "nothing_read"


class FetchRefusedError(SourceError):
    """The fetcher will not ask for this address: it is not public or not http(s)."""

    reason = "fetch_refused"


class FetchFailedError(SourceError):
    """The server could not be reached, took too long, or answered with an error or with something unreadable."""

    reason = "fetch_failed"


class SlackPostError(TechnoShareError):
    """Slack did not take the message."""

    reason = "slack"


class ModelFailure(StrEnum):
    """Why a model gave nothing that can be used."""

    RATE_LIMITED = "rate_limited"
    OUT_OF_QUOTA = "out_of_quota"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    WRONG_KEY = "wrong_key"
    WRONG_MODEL = "wrong_model"
    BAD_REQUEST = "bad_request"
    CONTEXT_LENGTH = "context_length"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    LENGTH = "length"
    EMPTY = "empty"
    INVALID_JSON = "invalid_json"
    SCHEMA_VIOLATION = "schema_violation"
    TOOL_LOOP = "tool_loop"
    NO_COMPLETION = "no_completion"

    @property
    def is_transient(self) -> bool:
        """Whether the same request may well succeed later: the fault is not in it and not in the model's answer."""
        return self in {self.RATE_LIMITED, self.SERVER_ERROR, self.TIMEOUT, self.CONNECTION}


class ModelError(TechnoShareError):
    """A model gave nothing of use; `failure` names why, `spent` is what its calls used, as `domain.Usage` takes it."""

    exit_status = 5

    def __init__(self, failure: ModelFailure, message: str, spent: Mapping[str, Any] | None = None) -> None:
        """Take the kind of failure, a sentence that ends in what to do, and the usage so far."""
        super().__init__(message)
        self.failure = failure
        self.reason = failure.value
        self.spent = dict(spent or {})
