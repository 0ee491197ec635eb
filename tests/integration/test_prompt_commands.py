"""`technoshare prompts …` as a user runs it: in a process of its own, over a folder of prompts of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from commands import technoshare
from mlflow_server import free_port

ROOT = Path(__file__).resolve().parents[2]
GREETING = "name: greeting\ndescription: says hello\ntemplate: |\n  Hello.\n  Bye.\noutput_schema: {type: string}\n"
JUDGE = "name: judge_tone\ndescription: judges\ntemplate: Is it polite?\noutput_schema: {type: object}\n"


@pytest.fixture
def fresh(tmp_path: Path, migrated_database: Path) -> Path:
    """A folder with a prompt, a judge, and an empty registry."""
    return _write(tmp_path, migrated_database)


@pytest.fixture(scope="session")
def _synced(tmp_path_factory: pytest.TempPathFactory, migrated_database: Path) -> Path:
    folder = _write(tmp_path_factory.mktemp("synced"), migrated_database)
    said(folder, "sync")
    return folder


@pytest.fixture
def project(tmp_path: Path, _synced: Path) -> Path:
    """The same with version 1 of each in the registry."""
    return Path(shutil.copytree(_synced, tmp_path, dirs_exist_ok=True))


def _write(folder: Path, database: Path) -> Path:
    judges = folder / "prompts" / "judges"
    judges.mkdir(parents=True)
    (folder / "prompts" / "greeting.yaml").write_text(GREETING)
    (judges / "tone.yaml").write_text(JUDGE)
    shutil.copy(database, folder / "mlflow.db")
    return folder


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    settings = {"PROMPTS_DIR": str(folder / "prompts"), **more}
    return technoshare("prompts", *arguments, folder=folder, settings=settings)


def run_other(folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PROMPTS_DIR": str(folder / "prompts"), **more}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def said(folder: Path, *arguments: str) -> str:
    done = run(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return str(done.stdout)


def edit(project: Path, old: str, new: str) -> None:
    file = project / "prompts" / "greeting.yaml"
    file.write_text(file.read_text().replace(old, new))


def states(project: Path) -> dict[str, Any]:
    return {
        one["name"]: [one["candidate"], one["prod"], one["state"]]
        for one in json.loads(said(project, "list", "--json"))
    }


def test_from_an_edit_to_production_and_back(fresh: Path) -> None:
    assert said(fresh, "sync").splitlines() == [
        "greeting: version 1 registered; now candidate and prod",
        "judge_tone: version 1 registered; now candidate and prod",
    ]
    edit(fresh, "Hello.", "Hello!")
    assert states(fresh)["greeting"] == [1, 1, "YAML changed"]
    script = str(ROOT / "scripts" / "sync_prompts.py")
    assert run_other(fresh, sys.executable, script).stdout.splitlines() == [
        "greeting: version 2 registered; now candidate",
        "judge_tone: version 1 is up to date",
    ]
    assert states(fresh)["greeting"] == [2, 1, "candidate waits"]
    assert "-  Hello.\n+  Hello!\n" in said(fresh, "diff", "greeting")
    assert said(fresh, "promote", "greeting") == "greeting: prod was version 1, is version 2\n"
    assert states(fresh) == {"greeting": [2, 2, "in sync"], "judge_tone": [1, 1, "in sync"]}
    assert said(fresh, "rollback", "greeting") == "greeting: prod was version 2, is version 1\n"


def test_a_version_is_shown_whole_for_people_and_for_programs(project: Path) -> None:
    shown = said(project, "show", "greeting")
    for part in ("greeting/1/", "sha256", "created", "template: |\n  Hello.\n  Bye.\n"):
        assert part in shown
    found = json.loads(said(project, "show", "greeting", "candidate", "--json"))
    assert (found["version"], found["template"], found["output_schema"]) == (1, "Hello.\nBye.\n", {"type": "string"})
    assert json.loads(said(project, "show", "greeting", "yaml", "--json"))["sha256"] == found["sha256"]


def test_the_difference_of_versions_can_be_an_exit_status(project: Path) -> None:
    assert "have the same content" in said(project, "diff", "greeting", "--exit-code")
    edit(project, "Bye.", "Farewell.")
    assert run(project, "diff", "greeting", "--exit-code").returncode == 1


def test_commit_and_author_of_a_version_are_git_s(fresh: Path) -> None:
    ada = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@x"}
    for arguments in (("init", "-q"), ("add", "prompts"), ("commit", "-qm", "first")):
        assert run_other(fresh, "git", *arguments, HOME=str(fresh), **ada).returncode == 0
    said(fresh, "sync")
    tags = json.loads(said(fresh, "show", "greeting", "--json"))["registry_tags"]
    commit = run_other(fresh, "git", "rev-parse", "HEAD").stdout.strip()
    assert (tags["git.author"], tags["git.commit"], tags["git.dirty"]) == ("Ada", commit, "false")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("promote",), "name the prompts to promote"),
        (("promote", "nobody"), "no prompt is called 'nobody'"),
        (("promote", "greeting", "--version", "7"), "no version 7"),
        (("promote", "greeting", "--to", "candidate"), "follows the YAML"),
        (("promote", "greeting", "--to", "latest"), "is no alias"),
        (("promote", "greeting", "--to", "yaml"), "'yaml' stands for the files"),
        (("promote", "--if-gate", "--version", "7"), "no prompt has the alias '7'"),
        (("promote", "greeting", "--", "-k", "x"), "want --if-gate"),
        (("rollback", "greeting"), "was nowhere else than at version 1"),
        (("rollback", "greeting", "--alias", "candidate"), "follows the YAML: turn greeting.yaml back"),
        (("rollback", "greeting", "--alias", "prd"), "has no alias 'prd'; it has candidate, prod"),
        (("show", "greeting", "\u00b2"), "no alias '\u00b2'"),
        (("show", "greeting", "prd"), "no alias 'prd'; it has candidate, prod"),
        (("show", "nobody", "yaml"), "does not exist"),
    ],
)
def test_a_mistake_is_one_line_with_the_way_out_and_status_2(
    project: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run(project, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert message in done.stderr


@pytest.mark.parametrize("arguments", [("sync",), ("list",), ("rollback", "greeting"), ("promote", "greeting")])
def test_a_dead_server_is_said_within_seconds(project: Path, arguments: tuple[str, ...]) -> None:
    began = time.monotonic()
    done = run(project, *arguments, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{free_port()}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be reached" in done.stderr
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("arguments", [("list",), ("show", "greeting"), ("sync",), ("promote", "greeting")])
def test_a_disk_that_cannot_be_written_is_no_obstacle(project: Path, arguments: tuple[str, ...]) -> None:
    (project / "file").touch()
    done = run(project, *arguments, TECHNOSHARE_HOME=str(project / "file" / "home"))
    assert done.returncode == 0, done.stderr
    assert ("jobs on this machine see the change later" in done.stderr) == (arguments[0] in {"sync", "promote"})


def test_reading_makes_no_database(fresh: Path) -> None:
    (fresh / "mlflow.db").unlink()
    done = run(fresh, "list")
    assert (done.returncode, "technoshare prompts sync" in done.stderr) == (2, True)
    assert not (fresh / "mlflow.db").exists()


def test_a_prompt_that_mlflow_does_not_take_is_named(fresh: Path) -> None:
    edit(fresh, "Bye.", "Bye." * 30_000)
    done = run(fresh, "sync")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "MLflow does not take the prompt 'greeting': Prompt text exceeds max length" in done.stderr


def test_what_somebody_made_by_hand_and_put_into_production_can_be_replaced(project: Path) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(f"sqlite:///{project}/mlflow.db", f"sqlite:///{project}/mlflow.db")
    made = client.register_prompt("greeting", [{"role": "user", "content": "Hi."}])
    client.set_prompt_alias("greeting", "prod", int(made.version))
    assert said(project, "promote", "greeting") == "greeting: prod was version 2, is version 1\n"


def test_a_broken_file_is_named_before_anything_is_registered(fresh: Path) -> None:
    (fresh / "prompts" / "zoo.yaml").write_text("name: zoo\n")
    done = run(fresh, "sync")
    assert (done.returncode, "zoo.yaml" in done.stderr) == (2, True)
    (fresh / "prompts" / "zoo.yaml").unlink()
    assert states(fresh)["greeting"] == [None, None, "not synced"]
