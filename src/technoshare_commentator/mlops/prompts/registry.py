"""MLflow's prompt registry as we use it: versions, and aliases that remember where they were."""

from __future__ import annotations

import json
import logging
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError, PromptError
from technoshare_commentator.mlops.mlflow_client import open_store, store_errors
from technoshare_commentator.mlops.prompts.mlflow_form import version_fields
from technoshare_commentator.mlops.prompts.races import read, write
from technoshare_commentator.mlops.prompts.refusals import no_version, no_way_back
from technoshare_commentator.mlops.prompts.stored import (
    LATEST,
    PROD,
    Move,
    RegisteredPrompt,
    StoredVersion,
    history_tag,
    rolled_back_tag,
)
from technoshare_commentator.mlops.redaction import without_password
from technoshare_commentator.mlops.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlflow import MlflowClient
    from mlflow.entities.model_registry import PromptVersion
    from mlflow.store.entities import PagedList

    from technoshare_commentator.mlops.settings import TrackingSettings
    from technoshare_commentator.prompts import Prompt

logger = logging.getLogger("technoshare_commentator.prompts")

_ALL_PROMPTS = "tag.`mlflow.prompt.is_prompt` = 'true'"
_HISTORY = 100  # how many moves of an alias are remembered
_PAGE = 100


class PromptRegistry:
    """The prompts of one MLflow store; what goes wrong there is a `ConfigurationError` of one line."""

    def __init__(self, client: MlflowClient, tracking_uri: str) -> None:
        """Take a client of the store; `PromptRegistry.open` makes one."""
        self._client = client
        self._uri = tracking_uri

    @classmethod
    def open(cls, tracking: TrackingSettings) -> PromptRegistry:
        """Connect to the store, in seconds or with a `ConfigurationError`; a new SQLite file is made and migrated."""
        with ExitStack() as stack:
            with suppress(OSError):  # a read-only disk: no shipper can be about to migrate the store from there
                stack.enter_context(Spool(tracking.spool_directory).store_lock(tracking.uri))
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
            found |= {model.name: RegisteredPrompt.of(model) for model in page}
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
            page = self._page_of_versions(name, token)
            for raw in page:
                with suppress(PromptError):  # made by hand, for other purposes
                    found.append(StoredVersion.of(raw))
            token = page.token
            if not token:
                return sorted(found, key=lambda version: version.number)

    def _page_of_versions(self, name: str, token: str | None) -> PagedList[PromptVersion]:
        with store_errors(self._uri):
            return read(lambda: self._client.search_prompt_versions(name, max_results=_PAGE, page_token=token))

    def version(self, name: str, reference: str) -> StoredVersion:
        """The version that a number, an alias or `latest` names; raises `ConfigurationError` where there is none."""
        prompt = self.prompt(name)
        if reference.isdecimal():
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

    def promote(self, name: str, number: int, alias: str = PROD, *, by: str = "") -> Move:
        """Let an alias point to a version and remember where it was; raises `ConfigurationError` where it is none."""
        kept = self.version(name, str(number))
        registered = self.prompt(name)
        before = registered.aliases.get(alias)
        if before == number:
            return Move(name, alias, before, number)
        if before is not None:
            history = registered.history(alias)
            self._remember(name, alias, history if history[-1:] == [before] else [*history, before])
        self.point(name, alias, number)
        anew = {rolled_back_tag(alias): ""} if kept.rolled_back(alias) else {}
        self.tag(name, number, {f"{alias}.since": _now(), **({f"{alias}.by": by} if by else {}), **anew})
        return Move(name, alias, before, number)

    def rollback(self, name: str, alias: str = PROD) -> Move:
        """Let an alias point to where it was before its last promotion, if any; raises `ConfigurationError`."""
        registered = self.prompt(name)
        before = registered.aliases.get(alias)
        there_are = {version.number for version in self.versions(name)}
        history = [number for number in registered.history(alias) if number in there_are]
        while history[-1:] == [before]:  # a promotion that was broken off between its two writes
            history.pop()
        if not history:
            raise ConfigurationError(no_way_back(registered, alias))
        self.point(name, alias, history[-1])
        self._remember(name, alias, history[:-1])
        self.tag(name, history[-1], {f"{alias}.since": _now(), f"{alias}.rolled_back_from": str(before)})
        if before in there_are:
            self.tag(name, before, {rolled_back_tag(alias): _now()})
        return Move(name, alias, before, history[-1])

    def register(self, prompt: Prompt, provenance: Mapping[str, str]) -> int:
        """Make a version, whatever there is already, and return its number; `syncing` makes none twice."""
        with store_errors(self._uri):
            try:
                # Not `register_prompt`: it deletes the whole prompt when the first version fails, another's included.
                self._client.create_prompt(prompt.name, prompt.description)
            except Exception as error:
                if getattr(error, "error_code", "") != "RESOURCE_ALREADY_EXISTS":
                    raise
            try:
                return int(self._client.create_prompt_version(**version_fields(prompt, provenance)).version)
            except Exception as error:
                if getattr(error, "error_code", "") != "INVALID_PARAMETER_VALUE":
                    raise
                raise PromptError(f"MLflow does not take the prompt {prompt.name!r}: {error}; mend its YAML") from error

    def remove(self, name: str, number: int) -> None:
        """Delete a version, if it is still there."""
        with store_errors(self._uri):
            try:
                self._client.delete_prompt_version(name, str(number))
            except Exception as error:
                if getattr(error, "error_code", "") != "RESOURCE_DOES_NOT_EXIST":
                    raise

    def point(self, name: str, alias: str, number: int) -> None:
        """Let an alias point to a version, without remembering where it was."""
        self._write(lambda: self._client.set_prompt_alias(name, alias, number))

    def tag_prompt(self, name: str, key: str, value: str) -> None:
        """Write a tag on the prompt itself."""
        self._write(lambda: self._client.set_prompt_tag(name, key, value))

    def tag(self, name: str, number: int, tags: Mapping[str, str]) -> None:
        """Write tags on a version."""
        for key, value in tags.items():
            self._write(partial(self._client.set_prompt_version_tag, name, number, key, value))

    def experiment_id(self, experiment: str) -> str:
        """The id of an experiment; empty where there is none of that name."""
        with store_errors(self._uri):
            found = self._client.get_experiment_by_name(experiment)
        return str(found.experiment_id) if found else ""

    def run_id(self, experiment: str, run_name: str) -> str:
        """The id of the newest run of that name; empty where there is none."""
        experiment_id = self.experiment_id(experiment)
        if not experiment_id:
            return ""
        named, newest = f"attributes.run_name = '{run_name}'", ["attributes.start_time DESC"]
        with store_errors(self._uri):
            runs = self._client.search_runs([experiment_id], named, max_results=1, order_by=newest)
        return str(runs[0].info.run_id) if runs else ""

    def _version(self, prompt: RegisteredPrompt, number: int) -> StoredVersion:
        with self._missing_version(prompt, number), store_errors(self._uri):
            raw = self._client.get_prompt_version(prompt.name, number)
        if raw is None:
            raise ConfigurationError(no_version(prompt, number))
        return StoredVersion.of(raw)

    def _write(self, setting: Callable[[], object]) -> None:
        with store_errors(self._uri):
            write(setting)

    def _remember(self, name: str, alias: str, history: list[int]) -> None:
        self.tag_prompt(name, history_tag(alias), json.dumps(history[-_HISTORY:]))

    @contextmanager
    def _missing_version(self, prompt: RegisteredPrompt, number: int) -> Iterator[None]:
        try:
            yield
        except ConfigurationError as error:
            if getattr(error.__cause__, "error_code", "") != "RESOURCE_DOES_NOT_EXIST":
                raise
            raise ConfigurationError(no_version(prompt, number)) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
