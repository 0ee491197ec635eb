"""MLflow's prompt registry as we use it: one version for one content, aliases that remember where they were.

The same content never stays as two versions. A prompt is registered only when no version has its hash, and whoever has
registered one looks again: of several with the same content the lowest number stays and the later ones are deleted.
Numbers are given one after the other by the store, so the loser of a race always sees the winner, whichever machines
they run on; a second version exists at most until the sync that made it returns, and one that was left behind by a sync
that got killed goes with the next sync.
"""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError, PromptError
from technoshare_commentator.mlops.mlflow_client import open_store, store_errors
from technoshare_commentator.mlops.prompts.mlflow_form import HASH_TAG, prompt_of, version_fields
from technoshare_commentator.mlops.redaction import without_password
from technoshare_commentator.mlops.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow import MlflowClient
    from mlflow.entities.model_registry import PromptVersion, RegisteredModel

    from technoshare_commentator.mlops.settings import TrackingSettings
    from technoshare_commentator.prompts import Prompt

logger = logging.getLogger("technoshare_commentator.prompts")

PROD = "prod"
CANDIDATE = "candidate"
LATEST = "latest"
_ALL_PROMPTS = "tag.`mlflow.prompt.is_prompt` = 'true'"
_EXPERIMENTS_TAG = "_mlflow_experiment_ids"  # under whose prompts MLflow's pages list this one
_HISTORY = 100  # how many moves of an alias are remembered
_PAGE = 100


@dataclass(frozen=True)
class StoredVersion:
    """A version as the registry has it; `created_ms` since the epoch."""

    prompt: Prompt
    tags: Mapping[str, str]
    created_ms: int

    @property
    def number(self) -> int:
        """Which version it is, counted from one."""
        return int(self.prompt.origin)


@dataclass(frozen=True)
class RegisteredPrompt:
    """A prompt of the registry: which versions its aliases point to, and its tags."""

    name: str
    latest: int
    aliases: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SyncedPrompt:
    """Which version has the content of the YAML, whether this sync made it, and which aliases it moved there."""

    name: str
    version: int
    created: bool
    moved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Move:
    """An alias that was moved; equal versions where it was there already."""

    name: str
    alias: str
    before: int | None
    after: int


class PromptRegistry:
    """The prompts of one MLflow store; what goes wrong there is a `ConfigurationError` of one line."""

    def __init__(self, client: MlflowClient, tracking_uri: str) -> None:
        """Take a client of the store; `PromptRegistry.open` makes one."""
        self._client = client
        self._uri = tracking_uri

    @classmethod
    def open(cls, tracking: TrackingSettings) -> PromptRegistry:
        """Connect to the store, in seconds or with a `ConfigurationError`; a new SQLite file is made and migrated."""
        with Spool(tracking.spool_directory).store_lock(tracking.uri):  # a shipper may be about to migrate it
            client = open_store(tracking.uri)
            with store_errors(tracking.uri):
                client.search_experiments(max_results=1)
        return cls(client, tracking.uri)

    def prompts(self) -> dict[str, RegisteredPrompt]:
        """Every prompt of the registry by name."""
        found: dict[str, RegisteredPrompt] = {}
        token: str | None = None
        while True:
            with store_errors(self._uri):
                page = self._client.search_registered_models(_ALL_PROMPTS, max_results=_PAGE, page_token=token)
            found |= {model.name: _registered(model) for model in page}
            token = page.token
            if not token:
                return dict(sorted(found.items()))

    def prompt(self, name: str) -> RegisteredPrompt:
        """One prompt; raises `ConfigurationError` naming those there are when it is not one of them."""
        found = self.prompts()
        if name not in found:
            there_are = f"there are {', '.join(found)}" if found else "there are none"
            raise ConfigurationError(
                f"no prompt is called {name!r} in {without_password(self._uri)}; {there_are}; "
                "'technoshare prompts sync' registers those of the YAML"
            )
        return found[name]

    def versions(self, name: str) -> list[StoredVersion]:
        """Every version of a prompt that can be read as one, the lowest number first."""
        found: list[StoredVersion] = []
        token: str | None = None
        while True:
            with store_errors(self._uri):
                page = self._client.search_prompt_versions(name, max_results=_PAGE, page_token=token)
            found += [version for raw in page for version in _readable(raw)]
            token = page.token
            if not token:
                return sorted(found, key=lambda version: version.number)

    def version(self, name: str, reference: str) -> StoredVersion:
        """The version that a number, an alias or `latest` names; raises `ConfigurationError` where there is none."""
        prompt = self.prompt(name)
        if reference.isdigit():
            number = int(reference)
        elif reference == LATEST:
            number = prompt.latest
        elif reference in prompt.aliases:
            number = prompt.aliases[reference]
        else:
            raise ConfigurationError(
                f"the prompt {name!r} has no alias {reference!r}; it has {', '.join(prompt.aliases) or 'none'}; "
                "give one of them, a version's number, or 'latest'"
            )
        return self._version(prompt, number)

    def with_alias(self, alias: str, last: Mapping[str, Prompt] = MappingProxyType({})) -> list[Prompt]:
        """What an alias points to, of every prompt that has it; for one that cannot be used, that of `last`, if any."""
        found: list[Prompt] = []
        for registered in self.prompts().values():
            if alias not in registered.aliases:
                continue
            try:
                found.append(self._version(registered, registered.aliases[alias]).prompt)
            except PromptError as error:  # made by hand; the other prompts must not suffer for it
                logger.warning("%s", error)
                found += [last[registered.name]] if registered.name in last else []
        return found

    def sync(self, prompt: Prompt, provenance: Mapping[str, str], experiment: str = "") -> SyncedPrompt:
        """See that the content is a version, once, and that `candidate` points to it; `prod` too, where it is not set.

        `experiment` is the one among whose prompts MLflow's pages are to list it, once there is one of that name.
        """
        known = self._same_content(prompt) if prompt.name in self.prompts() else []
        mine = None if known else self._register(prompt, provenance)
        version, *doubles = known or self._given_back(prompt, mine)
        self._remove(doubles)
        registered = self.prompt(prompt.name)
        wanted = [CANDIDATE, *([] if PROD in registered.aliases else [PROD])]
        moved = [alias for alias in wanted if registered.aliases.get(alias) != version.number]
        for alias in moved:
            self._point(prompt.name, alias, version.number)
        self._list_under(experiment, registered)
        return SyncedPrompt(prompt.name, version.number, version.number == mine, tuple(moved))

    def promote(self, name: str, number: int, alias: str = PROD, *, by: str = "") -> Move:
        """Let an alias point to a version and remember where it was; raises `ConfigurationError` where it is none."""
        self.version(name, str(number))
        registered = self.prompt(name)
        before = registered.aliases.get(alias)
        if before == number:
            return Move(name, alias, before, number)
        if before is not None:
            history = _history(registered, alias)
            self._remember(name, alias, history if history[-1:] == [before] else [*history, before])
        self._point(name, alias, number)
        self.tag(name, number, {f"{alias}.since": _now(), **({f"{alias}.by": by} if by else {})})
        return Move(name, alias, before, number)

    def rollback(self, name: str, alias: str = PROD) -> Move:
        """Let an alias point to where it was before its last promotion, if any; raises `ConfigurationError`."""
        registered = self.prompt(name)
        before = registered.aliases.get(alias)
        there_are = {version.number for version in self.versions(name)}
        history = [number for number in _history(registered, alias) if number in there_are]
        while history[-1:] == [before]:  # a promotion that was broken off between its two writes
            history.pop()
        if not history:
            raise ConfigurationError(
                f"{alias!r} of the prompt {name!r} was nowhere else than at version {before}; move it yourself: "
                f"technoshare prompts promote {name} --version N --to {alias}"
            )
        self._point(name, alias, history[-1])
        self._remember(name, alias, history[:-1])
        self.tag(name, history[-1], {f"{alias}.since": _now(), f"{alias}.rolled_back_from": str(before)})
        return Move(name, alias, before, history[-1])

    def tag(self, name: str, number: int, tags: Mapping[str, str]) -> None:
        """Write tags on a version."""
        with store_errors(self._uri):
            for key, value in tags.items():
                self._client.set_prompt_version_tag(name, number, key, value)

    def run_id(self, experiment: str, run_name: str) -> str:
        """The id of the newest run of that name; empty where there is none."""
        with store_errors(self._uri):
            found = self._client.get_experiment_by_name(experiment)
            if found is None:
                return ""
            named = f"attributes.run_name = '{run_name}'"
            newest = ["attributes.start_time DESC"]
            runs = self._client.search_runs([found.experiment_id], named, max_results=1, order_by=newest)
        return str(runs[0].info.run_id) if runs else ""

    def _version(self, prompt: RegisteredPrompt, number: int) -> StoredVersion:
        with self._missing_version(prompt, number), store_errors(self._uri):
            raw = self._client.get_prompt_version(prompt.name, number)
        if raw is None:
            raise ConfigurationError(_no_version(prompt, number))
        return StoredVersion(prompt_of(raw), dict(raw.tags), int(raw.creation_timestamp or 0))

    def _same_content(self, prompt: Prompt) -> list[StoredVersion]:
        return [version for version in self.versions(prompt.name) if version.prompt.sha256 == prompt.sha256]

    def _given_back(self, prompt: Prompt, number: int | None) -> list[StoredVersion]:
        """The versions with the content that was just registered; a store that changed it would get it ever again."""
        found = self._same_content(prompt)
        if not found:
            with store_errors(self._uri):
                self._client.delete_prompt_version(prompt.name, str(number))
            raise PromptError(
                f"MLflow gives the prompt {prompt.name!r} back with another content than it was given; look for "
                "control characters in its YAML"
            )
        return found

    def _register(self, prompt: Prompt, provenance: Mapping[str, str]) -> int:
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

        with store_errors(self._uri):
            try:
                # Not `register_prompt`: it deletes the whole prompt when the first version fails, another's included.
                self._client.create_prompt(prompt.name, prompt.description)
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            return int(self._client.create_prompt_version(**version_fields(prompt, provenance)).version)

    def _remove(self, doubles: list[StoredVersion]) -> None:
        """Delete later versions of a content; those that somebody made by hand or points to are left alone."""
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

        for double in doubles:
            name, number = double.prompt.name, double.number
            if HASH_TAG not in double.tags or number in self.prompt(name).aliases.values():
                continue
            with store_errors(self._uri):
                try:
                    self._client.delete_prompt_version(name, str(number))
                except MlflowException as error:
                    if error.error_code != "RESOURCE_DOES_NOT_EXIST":  # another sync was faster
                        raise

    def _point(self, name: str, alias: str, number: int) -> None:
        with store_errors(self._uri):
            self._client.set_prompt_alias(name, alias, number)

    def _remember(self, name: str, alias: str, history: list[int]) -> None:
        with store_errors(self._uri):
            self._client.set_prompt_tag(name, _history_tag(alias), json.dumps(history[-_HISTORY:]))

    def _list_under(self, experiment: str, prompt: RegisteredPrompt) -> None:
        with store_errors(self._uri):
            found = self._client.get_experiment_by_name(experiment) if experiment else None
            listed = [one for one in prompt.tags.get(_EXPERIMENTS_TAG, "").split(",") if one]
            if found is not None and found.experiment_id not in listed:
                value = f",{','.join([*listed, found.experiment_id])},"
                self._client.set_prompt_tag(prompt.name, _EXPERIMENTS_TAG, value)

    @contextmanager
    def _missing_version(self, prompt: RegisteredPrompt, number: int) -> Iterator[None]:
        try:
            yield
        except ConfigurationError as error:
            if getattr(error.__cause__, "error_code", "") != "RESOURCE_DOES_NOT_EXIST":
                raise
            raise ConfigurationError(_no_version(prompt, number)) from error


def _registered(model: RegisteredModel) -> RegisteredPrompt:
    return RegisteredPrompt(
        name=str(model.name),
        latest=max((int(version.version) for version in model.latest_versions or ()), default=0),
        aliases={alias: int(number) for alias, number in model.aliases.items()},
        tags=dict(model._tags),  # noqa: SLF001 - `tags` leaves out those of prompts
    )


def _readable(raw: PromptVersion) -> Iterator[StoredVersion]:
    try:
        yield StoredVersion(prompt_of(raw), dict(raw.tags), int(raw.creation_timestamp or 0))
    except PromptError:  # made by hand, for other purposes
        return


def _no_version(prompt: RegisteredPrompt, number: int) -> str:
    return (
        f"the prompt {prompt.name!r} has no version {number}; the latest is {prompt.latest}; "
        "'technoshare prompts list' shows what there is"
    )


def _history_tag(alias: str) -> str:
    return f"history.{alias}"


def _history(prompt: RegisteredPrompt, alias: str) -> list[int]:
    """Where the alias was, the last one last; empty where somebody has written something else into the tag."""
    try:
        return [int(number) for number in json.loads(prompt.tags.get(_history_tag(alias), "[]"))]
    except (ValueError, TypeError):
        return []


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
