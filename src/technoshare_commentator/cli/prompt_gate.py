"""Promotion on proof: the evaluation of what is in use and of what would replace it, on the same cases."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import ValidationError

from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.mlops.evaluation.session_results import SessionResults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from technoshare_commentator.prompts import Prompt

_IN_PARALLEL = ("-n", "auto")


class NotEvaluatedError(TechnoShareError):
    """The evaluation could not be run, so nothing is proved either way."""

    exit_status = 4


@dataclass(frozen=True)
class Evaluation:
    """How to run it: the folder of the suite, the model that writes, arguments for pytest beside ours."""

    suite: Path
    model: str
    arguments: Sequence[str] = ()

    def run(self, versions: Mapping[str, Mapping[str, Prompt]], *, quiet: bool) -> SessionResults:
        """Run pytest over versions of prompts by the name of their variant, the one in use first; return the results.

        What pytest prints goes to the terminal, or to standard error where standard output is for programs. Raises
        `NotEvaluatedError`.
        """
        with tempfile.TemporaryDirectory(prefix="promote-") as folder:
            variants, found = Path(folder, "variants.yaml"), Path(folder, "eval_results.json")
            variants.write_text(yaml.safe_dump(self._variants(versions)), encoding="utf-8")
            command = [*self._command(versions), "-o", f"eval_variants={variants}", "--eval-json", str(found)]
            done = subprocess.run(  # noqa: S603 - pytest with the user's own arguments
                [*command, *(self.arguments or _IN_PARALLEL)], stdout=sys.stderr if quiet else None, check=False
            )
            try:
                return SessionResults.model_validate_json(found.read_bytes())
            except (OSError, ValidationError) as error:
                raise NotEvaluatedError(
                    f"pytest {self.suite} left no results (exit status {done.returncode}); what it printed says why"
                ) from error

    def _command(self, names: Iterable[str]) -> list[str]:
        # A name of its own, by which the run is found again in MLflow.
        run = time.strftime(f"promote-%Y-%m-%d-%H%M%S-{secrets.token_hex(2)}")
        command = [sys.executable, "-m", "pytest", str(self.suite), "--eval-run-name", run]
        return [*command, "--eval-variant", ",".join(names)]

    def _variants(self, versions: Mapping[str, Mapping[str, Prompt]]) -> dict[str, object]:
        """The file of variants: versions by their numbers, because an alias may move meanwhile."""
        return {
            name: {"model": self.model, "prompts": {prompt.name: prompt.origin for prompt in prompts.values()}}
            for name, prompts in versions.items()
        }


def with_versions(evidence: Mapping[str, str], current: Mapping[str, Prompt], model: str) -> dict[str, str]:
    """The evidence with what it is about: the model that wrote, and what all versions were compared with."""
    against = json.dumps({name: prompt.label for name, prompt in current.items()})
    return {**evidence, "proof.model": model, "proof.against": against}
