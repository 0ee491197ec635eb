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

from technoshare_commentator.bootstrap import WITHOUT_MODEL
from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.mlops.evaluation.session_results import SessionResults
from technoshare_commentator.mlops.prompts.promotion import ENDED
from technoshare_commentator.prompts import STAGE_A, STAGE_B

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from technoshare_commentator.prompts import Prompt

_IN_PARALLEL = ("-n", "auto")


class NotEvaluatedError(TechnoShareError):
    """The evaluation could not be run, so nothing is proved either way."""

    exit_status = 4


@dataclass(frozen=True)
class Evaluation:
    """How to run it: the folder of the suite, the model that writes, the folder for results, arguments for pytest."""

    suite: Path
    model: str
    results: Path
    arguments: Sequence[str] = ()

    def run(self, versions: Mapping[str, Mapping[str, Prompt]], *, quiet: bool) -> SessionResults:
        """Run pytest over versions of prompts by the name of their variant, the one in use first; return the results.

        What pytest prints goes to the terminal, or to standard error where standard output is for programs. Raises
        `NotEvaluatedError`.
        """
        name = time.strftime(f"promote-%Y-%m-%d-%H%M%S-{secrets.token_hex(2)}")  # by which MLflow finds the run again
        found = self.results / f"{name}.json"
        with tempfile.TemporaryDirectory(prefix="promote-") as folder:
            variants = Path(folder, "variants.yaml")
            variants.write_text(yaml.safe_dump(self._variants(versions)), encoding="utf-8")
            ours = ["--eval-variant", ",".join(versions), "-o", f"eval_variants={variants}"]
            ours += ["--eval-run-name", name, "--eval-json", str(found)]
            command = [sys.executable, "-m", "pytest", str(self.suite), *(self.arguments or _IN_PARALLEL), *ours]
            done = subprocess.run(  # noqa: S603 - pytest with the user's own arguments
                command, stdout=sys.stderr if quiet else None, check=False
            )
        try:
            results = SessionResults.model_validate_json(found.read_bytes())
        except (OSError, ValidationError) as error:
            raise NotEvaluatedError(
                f"pytest {self.suite} left no results (exit status {done.returncode}); what it printed says why"
            ) from error
        if results.exit_status not in ENDED:
            raise NotEvaluatedError(
                f"pytest {self.suite} ended with exit status {results.exit_status}, which proves nothing; what it "
                "printed says why"
            )
        return results

    def blind_to(self, name: str) -> str:
        """Why it cannot tell a version of a prompt from another, whatever the labels say; empty where it may."""
        if self.model not in WITHOUT_MODEL or name not in {STAGE_A, STAGE_B}:
            return ""
        return f"{self.model!r} writes without reading it; name a model that does with --model, or MODEL_STAGE_A"

    def about(self, current: Mapping[str, Prompt]) -> dict[str, str]:
        """Evidence beside the figures: who wrote, which cases were asked for, what everything was compared with."""
        against = json.dumps({name: prompt.label for name, prompt in current.items()})
        arguments = " ".join(self.arguments or _IN_PARALLEL)
        return {"proof.model": self.model, "proof.pytest": arguments, "proof.against": against}

    def _variants(self, versions: Mapping[str, Mapping[str, Prompt]]) -> dict[str, object]:
        """The file of variants: versions by their numbers, because an alias may move meanwhile."""
        return {
            name: {"model": self.model, "prompts": {prompt.name: prompt.origin for prompt in prompts.values()}}
            for name, prompts in versions.items()
        }
