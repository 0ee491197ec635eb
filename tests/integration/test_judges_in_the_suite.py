"""The project's own suite with judges, as a user runs it: who judges is a setting, and without one nobody does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judged_case import answer, judged
from model_server import Reply, model_server, says

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"project bullets": "relevant", "bullets on similar technology": "compared", "summary": "supported"}


def run_judges(folder: Path, flags: Sequence[str] = (), **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the suite's judges on one example; whatever the session keeps goes into `folder`."""
    base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    quiet = {"TECHNOSHARE_HOME": str(folder), "MLFLOW_ENABLE_TRACKING": "false"}
    kept = ("-o", f"eval_cassettes={folder}/cassettes", "-o", f"cache_dir={folder}/cache")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "evals/test_judges.py", "-k", "tarn", "-n", "0", "-rs", *kept, *flags],
        cwd=ROOT,
        env={**base, **quiet, **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def agrees(request: dict[str, Any]) -> Reply:
    """Find every item of every question in order."""
    text = request["messages"][0]["content"]
    items = text.partition("\nBEGIN COMMENTARY\n")[2].partition("\nEND COMMENTARY\n")[0].splitlines()
    (verdict,) = [good for asked, good in GOOD.items() if f"{asked} stand" in text]
    quote = "Tarn keeps its whole index in a single file"
    said = [judged(number, verdict, quote) for number, _ in enumerate(items, start=1)]
    return says(answer(5, *said))


def test_without_a_model_to_ask_the_judges_are_skipped_once_and_the_reason_says_how_to_have_them(
    tmp_path: Path,
) -> None:
    done = run_judges(tmp_path)
    assert "SKIPPED [1] evals/test_judges.py" in done.stdout
    assert "MODEL_JUDGE is not set, so nobody judges" in done.stdout


def test_judges_are_recorded_with_who_they_are_and_replayed_when_their_model_is_gone(tmp_path: Path) -> None:
    who = {"MODEL_JUDGE": "gpt-4o-mini", "MODEL_PROVIDER": "openai", "JUDGE_VOTES": "3"}
    with model_server() as server:
        server.usual = agrees
        asked = run_judges(tmp_path, ["--eval-record", "new"], OPENAI_BASE_URL=server.base_url, **who)
        assert asked.returncode == 0, asked.stdout
        assert len(server.requests) == 9
    results = tmp_path / "evals" / "eval_results.json"
    first = json.loads(results.read_text())["cases"]

    again = run_judges(tmp_path, ["--eval-record", "none"], **who)  # OpenAI's own endpoint, without a key

    assert again.returncode == 0, again.stdout
    assert "recordings: 9 replayed" in again.stdout
    (case,) = json.loads(results.read_text())["cases"]
    assert case["scores"] == first[0]["scores"]
    assert [(score["name"], score["value"], score["source_type"]) for score in case["scores"]] == [
        ("faithfulness", 5.0, "LLM_JUDGE"),
        ("relevance", 5.0, "LLM_JUDGE"),
        ("hallucination", 5.0, "LLM_JUDGE"),
    ]
    assert case["judge_cost_usd"] > 0
