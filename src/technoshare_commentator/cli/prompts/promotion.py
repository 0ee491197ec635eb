"""What `technoshare prompts promote` does with each prompt, and how it says so."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text

from technoshare_commentator.cli.console import make_console
from technoshare_commentator.cli.evals.project import pytest_config
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.prompts.promotion import Proof, prove, uses
from technoshare_commentator.mlops.prompts.provenance import who
from technoshare_commentator.mlops.prompts.registry import CANDIDATE
from technoshare_commentator.mlops.prompts.snapshot import SnapshotFolder
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
    """A version that is to get the alias, and what has it now."""

    after: Prompt
    before: Prompt | None

    @property
    def name(self) -> str:
        return self.after.name

    @property
    def is_there(self) -> bool:
        return self.before is not None and self.before.origin == self.after.origin


class Promotion:
    """Moves one alias of prompts to the version that `reference` names in each of them."""

    def __init__(self, registry: PromptRegistry, tracking: TrackingSettings, alias: str, reference: str) -> None:
        """Take the registry, and where it and the evaluation's runs are; raises `ConfigurationError`."""
        if alias == CANDIDATE:
            raise ConfigurationError(f"{CANDIDATE!r} follows the YAML and is moved by 'technoshare prompts sync'")
        self._registry = registry
        self._tracking = tracking
        self._alias = alias
        self._reference = reference

    def wanted(self, names: Iterable[str]) -> list[_Wanted]:
        """What to promote of the prompts named, or of all that have such a version; raises `ConfigurationError`."""
        stored = self._registry.prompts()
        chosen = list(dict.fromkeys(names)) or [name for name, one in stored.items() if self._reference in one.aliases]
        return [self._wanted(name) for name in chosen]

    def at_once(self, wanted: Sequence[_Wanted]) -> list[Decision]:
        """Promote without asking anybody."""
        return [self._move(one, {}) for one in wanted]

    def on_proof(
        self, wanted: Sequence[_Wanted], evaluation: Evaluation, max_regressions: int, *, named: bool, quiet: bool
    ) -> list[Decision]:
        """Promote what the evaluation used and found no worse; raises `NotEvaluatedError` when it could not run."""
        waiting = [one for one in wanted if not one.is_there]
        alone = [one.name for one in waiting if one.before is None]
        if alone:
            raise ConfigurationError(
                f"{', '.join(alone)}: no version is {self._alias!r}, so there is nothing to compare with; promote "
                "without --if-gate"
            )
        there = [self._there(one) for one in wanted if one.is_there]
        if not waiting:
            return there
        current = {one.name: one.before for one in self._everything(waiting) if one.before is not None}
        challenger = {**current, **{one.name: one.after for one in waiting}}
        self._keep([*current.values(), *challenger.values()])
        results = evaluation.run({self._alias: current, CANDIDATE: challenger}, quiet=quiet)
        proof = prove(results, before=self._alias, after=CANDIDATE, max_regressions=max_regressions)
        evidence = {**self._where(results), **proof.figures, **evaluation.about(current)}
        return [*there, *(self._decide(one, results, proof, evidence, named=named) for one in waiting)]

    def _decide(
        self, one: _Wanted, results: SessionResults, proof: Proof, evidence: dict[str, str], *, named: bool
    ) -> Decision:
        stays = int(one.before.origin) if one.before else None
        if not uses(results, CANDIDATE, one.after.label):
            reason = f"the evaluation did not use {one.after.label}, so it proves nothing about it"
            return Decision(one.name, self._alias, stays, stays, (reason,), skipped=not named)
        objections = proof.objections
        now = self._registry.prompt(one.name).aliases.get(self._alias)
        if now != stays:
            objections = (*objections, f"{self._alias} was moved to version {now} meanwhile; run it again")
        verdict = {"proof.verdict": "; ".join(objections) or f"may be {self._alias}"}
        self._registry.tag(one.name, int(one.after.origin), {**evidence, **verdict})
        if objections:
            return Decision(one.name, self._alias, stays, now, objections, evidence={**evidence, **verdict})
        return self._move(one, {**evidence, **verdict})

    def _move(self, one: _Wanted, evidence: dict[str, str]) -> Decision:
        move = self._registry.promote(one.name, int(one.after.origin), self._alias, by=who())
        return Decision(one.name, self._alias, move.before, move.after, evidence=evidence)

    def _there(self, one: _Wanted) -> Decision:
        return Decision(one.name, self._alias, int(one.after.origin), int(one.after.origin))

    def _wanted(self, name: str) -> _Wanted:
        after = self._registry.version(name, self._reference).prompt
        has_alias = self._alias in self._registry.prompt(name).aliases
        return _Wanted(after, self._registry.version(name, self._alias).prompt if has_alias else None)

    def _everything(self, waiting: Sequence[_Wanted]) -> list[_Wanted]:
        """What waits, and the other prompts as the alias has them: both variants use them alike."""
        names = {one.name for one in waiting}
        others = [_Wanted(prompt, prompt) for prompt in self._registry.with_alias(self._alias)]
        return [*waiting, *(one for one in others if one.name not in names)]

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
    if one.skipped:
        return Text(f"{one.name}: {one.alias} stays version {one.before}", style="yellow")
    if one.refused:
        return Text(f"{one.name}: not promoted, {one.alias} is version {one.after}", style="bold red")
    if one.before == one.after:
        return Text(f"{one.name}: {one.alias} is version {one.after} already")
    was = "no version" if one.before is None else f"version {one.before}"
    return Text(f"{one.name}: {one.alias} was {was}, is version {one.after}", style="green")
