"""Every exception a user can meet; each says what is wrong and what to do next."""

from __future__ import annotations


class TechnoShareError(Exception):
    """Base of all errors with a message meant for people."""

    exit_status = 1


class ConfigurationError(TechnoShareError):
    """A setting, a file of the user's or a command line cannot be used as it is."""

    exit_status = 2


class PromptError(ConfigurationError):
    """A file in `prompts/` is malformed or a template variable is missing."""


class DatasetError(ConfigurationError):
    """A dataset or an example in it is malformed."""


class SourceError(TechnoShareError):
    """Nothing could be read from a source."""

    exit_status = 4


class FetchRefusedError(SourceError):
    """The fetcher will not ask for this address: it is not public or not http(s)."""


class FetchFailedError(SourceError):
    """The server could not be reached, took too long, or answered with an error or with something unreadable."""


class SlackPostError(TechnoShareError):
    """Slack did not take the message."""
