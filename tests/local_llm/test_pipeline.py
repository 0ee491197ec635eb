"""Production's own line, written by a model that is often wrong: it fails by name, and never crashes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from technoshare_commentator.domain import Outcome
from technoshare_commentator.errors import ModelFailure
from technoshare_commentator.llm.local.models import MODELS
from technoshare_commentator.llm.local.server import served

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PORT = 8091  # beside one that somebody works with


@pytest.fixture
def base_url() -> Iterator[str]:
    with served(MODELS["smollm2"], PORT) as url:
        yield url


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """The prompts, with answers that end after seconds instead of minutes."""
    folder = Path(shutil.copytree(ROOT / "prompts", tmp_path / "prompts"))
    for name in ("stage_a_extract_facts", "stage_b_compose_reply"):
        path = folder / f"{name}.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["settings"] = {"temperature": 0.8, "seed": 1, "max_output_tokens": 120, "frequency_penalty": 1.2}
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_page_becomes_a_commentary_or_a_failure_with_a_name(base_url: str, prompts: Path, tmp_path: Path) -> None:
    page = ROOT / "evals" / "pages" / "blog-brightsluice-ci.html"
    settings = {
        "MODEL_STAGE_A": "smollm2",
        "MODEL_STAGE_B": "smollm2",
        "OPENAI_BASE_URL": base_url,
        "MODEL_EVIDENCE_CHARACTERS": "2000",
        "MODEL_TIMEOUT_SECONDS": "300",
        "PROMPTS_DIR": str(prompts),
        "MLFLOW_ENABLE_TRACKING": "false",
        "TECHNOSHARE_HOME": str(tmp_path / "home"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "technoshare_commentator.cli.app", "comment", str(page), "--json"],
        env={"PATH": os.environ["PATH"], **settings},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert "Traceback" not in done.stderr
    shown = json.loads(done.stdout)
    assert shown["usage"]["input_tokens"] > 0
    assert shown["usage"]["cost_usd"] == 0
    if shown["outcome"] == Outcome.ERROR:
        assert done.returncode == 5
        assert shown["error_reason"] in set(ModelFailure)
    else:
        assert done.returncode == (0 if shown["outcome"] == Outcome.SUCCESS else 3)
        assert shown["commentary"] is not None
