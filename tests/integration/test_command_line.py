"""The commands as a user runs them: in a process of their own, in a folder of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import commands
from model_server import KEY, MODEL, Reply, model_server
from slack_server import BOT_TOKEN, CHANNEL, slack_server
from technoshare_commentator.quality.rules import RULES
from waiting import until

PAGES = Path(__file__).resolve().parents[2] / "evals" / "pages"
GOOD = PAGES / "blog-brightsluice-ci.html"
SHORT = PAGES / "edge-too-short.html"
CLOSED_PORT = "http://127.0.0.1:9"


@pytest.fixture
def technoshare(tmp_path: Path) -> Any:
    """Run a command without any setting of this machine; tracking is off unless a test turns it on."""

    def run(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        settings = {"MLFLOW_ENABLE_TRACKING": "false", **settings}
        return commands.technoshare(*arguments, folder=tmp_path, settings=settings, stdin=stdin)

    return run


def test_a_good_page_gets_a_commentary_and_status_0(technoshare: Any) -> None:
    done = technoshare("comment", str(GOOD))
    assert done.returncode == 0, done.stderr
    for part in ("TL;DR", "Summary", "Projects", "Similar technology", f"Success: all {len(RULES)} rules passed"):
        assert part in done.stdout


def test_two_runs_print_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "technoshare_commentator.cli.app", "comment", str(GOOD)]
    base = {"PATH": os.environ["PATH"], "MLFLOW_ENABLE_TRACKING": "false"}
    first, second = (
        subprocess.run(command, cwd=tmp_path, env={**base, "PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    )
    assert first.stdout == second.stdout != b""


def test_json_holds_everything_under_its_key(technoshare: Any) -> None:
    done = technoshare("comment", str(GOOD), "--json")
    result = json.loads(done.stdout)
    assert set(result) == {
        *("outcome", "source", "model", "evidence", "facts", "commentary"),
        *("gate_failures", "slack_text", "revised", "usage", "latency_seconds"),
    }
    assert set(result["commentary"]) == {"tldr", "summary", "projects", "similar_tech"}
    assert len(result["commentary"]["tldr"]) == 3
    assert (result["outcome"], result["model"], result["gate_failures"]) == ("success", "extractive", [])


def test_a_failed_gate_prints_commentary_and_rules_and_is_status_3(technoshare: Any) -> None:
    done = technoshare("comment", str(SHORT))
    assert done.returncode == 3
    assert "TL;DR" in done.stdout
    assert "summary_sentence_count" in done.stdout
    assert "coverage" in done.stdout


def test_standard_input_is_a_source(technoshare: Any) -> None:
    done = technoshare("comment", "-", "--json", stdin=GOOD.read_text())
    assert json.loads(done.stdout)["outcome"] == "success"


@pytest.mark.parametrize(
    ("source", "stdin", "message"),
    [
        ("nowhere.html", "", "nowhere.html"),
        ("-", "", ""),
        ("-", "<html><body></body></html>", ""),
        ("http://127.0.0.1:8080/", "", "--allow-private"),
        ("http://localhost/", "", "--allow-private"),
        ("ftp://example.org/file", "", "ftp"),
        ("https://[::1", "", "not a valid URL"),
    ],
)
def test_a_source_that_cannot_be_read_is_status_4_and_says_why(
    technoshare: Any, source: str, stdin: str, message: str
) -> None:
    done = technoshare("comment", source, stdin=stdin)
    assert done.returncode == 4, done.stderr
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (["comment"], {}, "Missing argument"),
        (["comment", ""], {}, "it is empty"),
        (["comment", str(GOOD), "--nonsense"], {}, "No such option"),
        (["comment", str(GOOD), "--post"], {}, "SLACK_BOT_TOKEN and TECHNOSHARE_CHANNEL_ID"),
        (["comment", str(GOOD)], {"MLFLOW_ENABLE_TRACKING": "flase"}, "MLFLOW_ENABLE_TRACKING='flase'"),
        (["comment", str(GOOD)], {"MODEL_STAGE_A": "gpt-9"}, "MODEL_STAGE_A='gpt-9'"),
        (["comment", str(GOOD)], {"MAX_LINKS_PER_MESSAGE": "none"}, "MAX_LINKS_PER_MESSAGE='none'"),
        (["comment", str(GOOD)], {"PROMPTS_DIR": "nowhere"}, "nowhere/stage_a_extract_facts.yaml does not exist"),
    ],
)
def test_usage_and_configuration_are_status_2_and_name_the_fix(
    technoshare: Any, arguments: list[str], settings: dict[str, str], message: str
) -> None:
    done = technoshare(*arguments, **settings)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_post_answers_in_the_thread(technoshare: Any) -> None:
    with slack_server() as server:
        done = technoshare(
            *("comment", str(GOOD), "--post", "--thread", "1700000000.000100"),
            SLACK_BOT_TOKEN=BOT_TOKEN,
            TECHNOSHARE_CHANNEL_ID=CHANNEL,
            SLACK_API_URL=server.base_url,
        )
    assert done.returncode == 0, done.stderr
    (message,) = server.messages
    assert (message["channel"], message["thread_ts"]) == (CHANNEL, "1700000000.000100")
    assert "posted" in done.stdout


def test_doctor_names_what_is_missing_for_which_command(technoshare: Any) -> None:
    done = technoshare("doctor", MLFLOW_ENABLE_TRACKING="true", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert "SLACK_BOT_TOKEN and TECHNOSHARE_CHANNEL_ID: needed by 'technoshare comment --post'" in done.stdout
    assert "extractive" in done.stdout


def test_doctor_fails_when_what_is_configured_does_not_work(technoshare: Any) -> None:
    done = technoshare("doctor", MLFLOW_ENABLE_TRACKING="true", MLFLOW_TRACKING_URI=CLOSED_PORT, COLUMNS="200")
    assert done.returncode == 2
    assert "cannot be reached" in done.stdout


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_dead_server_changes_nothing_and_the_record_arrives_later(technoshare: Any, tmp_path: Path) -> None:
    on = {"MLFLOW_ENABLE_TRACKING": "true"}
    without = technoshare("comment", str(GOOD))
    done = technoshare("comment", str(GOOD), **on, MLFLOW_TRACKING_URI=CLOSED_PORT)
    assert (done.returncode, done.stdout) == (without.returncode, without.stdout)
    assert "cannot be reached" in done.stderr
    assert json.loads(technoshare("spool", "status", "--json", **on).stdout)["pending"] == 1

    store = f"sqlite:///{tmp_path}/later.db"
    shipped = technoshare("spool", "ship", **on, MLFLOW_TRACKING_URI=store)
    assert shipped.returncode == 0, shipped.stderr
    assert "1 shipped, 0 set aside, 0 left" in shipped.stdout
    again = technoshare("spool", "ship", **on, MLFLOW_TRACKING_URI=store)
    assert "nothing to ship" in again.stdout

    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(tracking_uri=store)
    experiment = client.get_experiment_by_name("technoshare_commentator")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    (job,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    nested = {run.info.run_name for run in runs if run.data.tags.get("mlflow.parentRunId") == job.info.run_id}
    assert nested == {"retrieval", "stage_a", "stage_b", "quality_gates", "slack_post"}
    assert len(runs) == 6
    assert job.data.tags["outcome"] == "success"


def test_a_job_that_is_told_to_end_ends_at_once_and_leaves_its_record(tmp_path: Path) -> None:
    with model_server() as server:
        server.usual = lambda _: Reply(silent=True)
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "MODEL_STAGE_A": MODEL,
            "MODEL_STAGE_B": MODEL,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": server.base_url,
            "MLFLOW_TRACKING_URI": CLOSED_PORT,
        }
        command = [sys.executable, "-m", "technoshare_commentator.cli.app", "comment", str(GOOD)]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as job:
            until(lambda: server.requests)
            job.terminate()
            _, errors = job.communicate(timeout=60)
    assert job.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in errors
    (record,) = (tmp_path / ".technoshare/spool/pending").glob("*.json")
    run = json.loads(record.read_text(encoding="utf-8"))["run"]
    assert (run["status"], run["tags"]["outcome"]) == ("FAILED", "error")
    assert [(stage["name"], stage["status"]) for stage in run["children"]] == [
        ("retrieval", "FINISHED"),
        ("stage_a", "FAILED"),
    ]
