"""The evals of six examples, written by a real model: recorded, and replayed when nobody listens any more."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from technoshare_commentator.errors import ConfigurationError, ModelFailure
from technoshare_commentator.llm.local.models import MODELS
from technoshare_commentator.mlops.evaluation.session_results import SessionResults

_ENDED = re.compile(r"the job ended as error \((\w+)\)")
ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ("tarn", "perdure", "burrsift", "brightsluice", "pageweave", "too-short")
BRIEF = {"evidence_characters": 1000, "max_output_tokens": 200}  # an answer ends after seconds instead of a minute


@dataclass(frozen=True)
class Session:
    """What a session printed and left."""

    status: int
    printed: str
    results: SessionResults

    @property
    def scores(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """Every score by case and scorer."""
        return {
            (case.case_id, case.variant, score.name): score.model_dump()
            for case in self.results.cases
            for score in case.scores
        }


def session(model: str, folder: Path, record: str, *, served: bool) -> Session:
    """Run the evals of the six examples, the model being served meanwhile or not."""
    variants = yaml.safe_load((ROOT / "evals" / "variants.yaml").read_text(encoding="utf-8"))
    variants[model]["settings"] |= BRIEF
    (folder / "variants.yaml").write_text(yaml.safe_dump(variants), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "evals", "-q", "-k", " or ".join(EXAMPLES), "--eval-concurrency", "1"]
    command += ["--eval-variant", model, "-o", f"eval_variants={folder / 'variants.yaml'}"]
    command += ["--eval-gate", "none", "--eval-baseline", "none"]
    command += ["--eval-record", record, "-o", f"eval_cassettes={folder / 'cassettes'}"]
    command += ["--eval-json", str(folder / f"{record}.json")]
    serving = [sys.executable, "-m", "technoshare_commentator.cli.app", "local-llm", model, "--run"]
    done = subprocess.run(
        [*serving, shlex.join(command)] if served else command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "MLFLOW_ENABLE_TRACKING": "false", "TECHNOSHARE_HOME": str(folder / record)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    printed = done.stdout + done.stderr
    assert (folder / f"{record}.json").exists(), printed
    results = SessionResults.model_validate_json((folder / f"{record}.json").read_bytes())
    return Session(done.returncode, printed, results)


@pytest.fixture(scope="module", params=["smollm2", "gemma3"])
def model(request: pytest.FixtureRequest) -> str:
    """Either model, the second where somebody has installed it."""
    name: str = request.param
    if name != "smollm2":
        try:
            MODELS[name].file()
        except ConfigurationError as error:
            pytest.skip(str(error))
    return name


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, model: str) -> Path:
    return tmp_path_factory.mktemp(model)


@pytest.fixture(scope="module")
def recorded(model: str, folder: Path) -> Session:
    return session(model, folder, "all", served=True)


def test_a_real_model_fails_by_low_scores_and_named_reasons_and_never_by_a_crash(recorded: Session) -> None:
    assert len(recorded.results.cases) == len(EXAMPLES)
    assert "Traceback" not in recorded.printed
    assert "INTERNALERROR" not in recorded.printed
    scores = [score for case in recorded.results.cases for score in case.scores]
    assert [score.error for score in scores if score.error] == []
    assert any(not score.passed for score in scores)
    reasons = [found[1] for score in scores if (found := _ENDED.search(score.rationale))]
    assert set(reasons) <= set(ModelFailure)
    assert all(case.cost_usd == 0.0 for case in recorded.results.cases)
    assert sum(case.output_tokens for case in recorded.results.cases) > 0


def test_a_replay_without_a_server_gives_the_same_scores(recorded: Session, model: str, folder: Path) -> None:
    replayed = session(model, folder, "none", served=False)
    assert replayed.scores == recorded.scores
    assert "replayed" in replayed.printed
    assert [case.output_tokens for case in replayed.results.cases] == [
        case.output_tokens for case in recorded.results.cases
    ]
