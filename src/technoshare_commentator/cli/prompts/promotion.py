"""What `technoshare prompts promote` does with each prompt, and how it says so."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text

from technoshare_commentator.cli.console import make_console
from technoshare_commentator.cli.evals.project import pytest_config
from technoshare_commentator.errors import ConfigurationError, PromptError
from technoshare_commentator.mlops.prompts.promotion import Proof, prove, uses
from technoshare_commentator.mlops.prompts.provenance import who
from technoshare_commentator.mlops.prompts.snapshot import SnapshotFolder
from technoshare_commentator.mlops.prompts.stored import CANDIDATE
from technoshare_commentator.prompts import YAML
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from technoshare_commentator.cli.prompts.gate import Evaluation
    from technoshare_commentator.mlops.evaluation.session_results import SessionResults
    from technoshare_commentator.mlops.prompts.registry import PromptRegistry
    from technoshare_commentator.mlops.settings import TrackingSettings
    from technoshare_commentator.prompts import Prompt

EXIT_REFUSED = 3


@dataclass(frozen=True)
class Decision:
    """What became of one prompt: `before` and `after` are where the alias was and is; `refused` says why it stayed.

    `skipped` is a prompt that nobody named and that the evaluation says nothing about.
    """

    name: str
    alias: str
    before: int | None
    after: int | None
    refused: tuple[str, ...] = ()
    skipped: bool = False
    evidence: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Wanted:
    """A version that is to get the alias, the number of what has it now, and its content where that can be read.

    `rolled_back` says when a rollback took the alias away from `after`, empty where none did.
    """

    after: Prompt
    stays: int | None
    before: Prompt | None
    rolled_back: str

    @property
    def name(self) -> str:
        return self.after.name

    @property
    def is_there(self) -> bool:
        return self.stays == int(self.after.origin)


class Promotion:
    """Moves one alias of prompts to the version that `reference` names in each of them."""

    def __init__(self, registry: PromptRegistry, tracking: TrackingSettings, alias: str, reference: str) -> None:
        """Take the registry, and where it and the evaluation's runs are; raises `ConfigurationError`."""
        if alias == CANDIDATE:
            raise ConfigurationError(f"{CANDIDATE!r} follows the YAML and is moved by 'technoshare prompts sync'")
        if alias == YAML:
            raise ConfigurationError(f"{YAML!r} stands for the files wherever an alias can be given; take another name")
        self._registry = registry
        self._tracking = tracking
        self._alias = alias
        self._reference = reference

    def wanted(self, names: Iterable[str]) -> list[_Wanted]:
        """What to promote of the prompts named, or of all that have such a version; raises `ConfigurationError`."""
        named = list(dict.fromkeys(names))
        return [self._wanted(name) for name in named] if named else self._all_wanted()

    def _all_wanted(self) -> list[_Wanted]:
        """Of all prompts; one that somebody else made for other purposes is told about and left out."""
        chosen = [name for name, one in self._registry.prompts().items() if self._reference in one.aliases]
        if not chosen and self._reference != CANDIDATE:
            raise ConfigurationError(
                f"no prompt has the alias {self._reference!r}; a number is another version in each, so name the prompts"
            )
        found: list[_Wanted] = []
        for name in chosen:
            try:
                found.append(self._wanted(name))
            except PromptError as error:
                print(f"technoshare: {error}", file=sys.stderr)
        return found

    def at_once(self, wanted: Sequence[_Wanted]) -> list[Decision]:
        """Promote without asking anybody."""
        return [self._move(one, {}) for one in wanted]

    def on_proof(
        self, wanted: Sequence[_Wanted], evaluation: Evaluation, max_regressions: int, *, named: bool, quiet: bool
    ) -> list[Decision]:
        """Promote what the evaluation used and found no worse; raises `NotEvaluatedError` when it could not run."""
        reasons = {one.name: self._unproved(one, evaluation, named=named) for one in wanted if not one.is_there}
        unproved = {name: reason for name, reason in reasons.items() if reason}
        if unproved and named:
            raise ConfigurationError("\n".join(f"{name}: {why}" for name, why in unproved.items()))
        there = [self._there(one) for one in wanted if one.is_there]
        there += [self._stays(one, unproved[one.name], skipped=True) for one in wanted if one.name in unproved]
        waiting = [one for one in wanted if not one.is_there and one.name not in unproved]
        if not waiting:
            return there
        # What else the alias points to is the same in both.
        current = {prompt.name: prompt for prompt in self._registry.with_alias(self._alias)}
        challenger = {**current, **{one.name: one.after for one in waiting}}
        self._keep([*current.values(), *challenger.values()])
        results = evaluation.run({self._alias: current, CANDIDATE: challenger}, quiet=quiet)
        proof = prove(results, before=self._alias, after=CANDIDATE, max_regressions=max_regressions)
        evidence = {**self._where(results), **proof.figures, **evaluation.about(current)}
        return [*there, *(self._decide(one, results, proof, evidence, named=named) for one in waiting)]

    def _unproved(self, one: _Wanted, evaluation: Evaluation, *, named: bool) -> str:
        """Why an evaluation cannot or shall not prove anything about it; empty where one can."""
        if one.rolled_back and not named:  # a job that runs at every push must not undo what somebody did for a reason
            return f"version {one.after.origin} was rolled back at {one.rolled_back}; name the prompt to try it again"
        if one.before is None:
            nothing = f"no version that can be used is {self._alias!r}, so there is nothing to compare with"
            return f"{nothing}; promote it without --if-gate"
        return evaluation.blind_to(one.name)

    def _decide(
        self, one: _Wanted, results: SessionResults, proof: Proof, evidence: dict[str, str], *, named: bool
    ) -> Decision:
        if not uses(results, CANDIDATE, one.after.label):
            reason = f"the evaluation did not use {one.after.label}, so it proves nothing about it"
            return self._stays(one, reason, skipped=not named)
        objections = proof.objections
        now = self._registry.prompt(one.name).aliases.get(self._alias)
        if now != one.stays:
            objections = (*objections, f"{self._alias} was moved to version {now} meanwhile; run it again")
        verdict = {"proof.verdict": "; ".join(objections) or f"may be {self._alias}"}
        self._registry.tag(one.name, int(one.after.origin), {**evidence, **verdict})
        if objections:
            return Decision(one.name, self._alias, one.stays, now, objections, evidence={**evidence, **verdict})
        return self._move(one, {**evidence, **verdict})

    def _move(self, one: _Wanted, evidence: dict[str, str]) -> Decision:
        move = self._registry.promote(one.name, int(one.after.origin), self._alias, by=who())
        return Decision(one.name, self._alias, move.before, move.after, evidence=evidence)

    def _stays(self, one: _Wanted, reason: str, *, skipped: bool) -> Decision:
        return Decision(one.name, self._alias, one.stays, one.stays, (reason,), skipped=skipped)

    def _there(self, one: _Wanted) -> Decision:
        return Decision(one.name, self._alias, int(one.after.origin), int(one.after.origin))

    def _wanted(self, name: str) -> _Wanted:
        after = self._registry.version(name, self._reference)
        stays = self._registry.prompt(name).aliases.get(self._alias)
        before: Prompt | None = None
        if stays is not None:
            with suppress(PromptError):  # made by hand: the more reason to promote another
                before = self._registry.version(name, str(stays)).prompt
        return _Wanted(after.prompt, stays, before, after.rolled_back(self._alias))

    def _keep(self, prompts: Iterable[Prompt]) -> None:
        """Lay the versions out where the evaluation finds them without asking MLflow."""
        folder = SnapshotFolder(self._tracking.home, self._tracking.uri)
        try:
            for prompt in prompts:
                folder.keep_version(prompt)
        except OSError as error:
            raise ConfigurationError(f"{folder.path} cannot be written ({error}); set TECHNOSHARE_HOME") from error

    def _where(self, results: SessionResults) -> dict[str, str]:
        """The run of the evaluation, if it was tracked, and when it ended."""
        from technoshare_commentator.pytest_plugin.options import experiment_name  # noqa: PLC0415 - only with a proof

        run_id = self._registry.run_id(experiment_name(pytest_config()), results.run_name)
        ended = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        return {"proof.at": ended, **({"proof.run_id": run_id} if run_id else {})}


def report(decisions: Sequence[Decision], *, as_json: bool) -> int:
    """Print what became of the prompts and return the exit status."""
    refused = any(one.refused and not one.skipped for one in decisions)
    if as_json:
        print(json.dumps([asdict(one) for one in decisions], indent=2))
        return EXIT_REFUSED if refused else 0
    console = make_console()
    for one in decisions:
        console.print(_line(one), soft_wrap=True)
        for reason in one.refused:
            console.print(Text(f"  {visible_line(reason)}"), soft_wrap=True)
    if not decisions:
        console.print("there is nothing to promote")
    return EXIT_REFUSED if refused else 0


def _line(one: Decision) -> Text:
    was, now = ("no version" if number is None else f"version {number}" for number in (one.before, one.after))
    if one.skipped:
        return Text(f"{one.name}: {one.alias} stays {was}", style="yellow")
    if one.refused:
        return Text(f"{one.name}: not promoted, {one.alias} is {now}", style="bold red")
    if one.before == one.after:
        return Text(f"{one.name}: {one.alias} is {now} already")
    return Text(f"{one.name}: {one.alias} was {was}, is {now}", style="green")
