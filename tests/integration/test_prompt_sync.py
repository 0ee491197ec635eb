from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A copy of the prompts to edit."""
    folder = tmp_path / "prompts"
    folder.mkdir()
    for path in (ROOT / "prompts").glob("*.yaml"):
        (folder / path.name).write_text(path.read_text())
    return folder


def sync(folder: Path, prompts: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "sync_prompts.py")],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PROMPTS_DIR": str(prompts),
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_prompt_becomes_a_new_version_only_when_its_content_changed(tmp_path: Path, prompts: Path) -> None:
    assert sync(tmp_path, prompts) == [
        "stage_a_extract_facts: version 1 registered",
        "stage_b_compose_reply: version 1 registered",
    ]
    edited = prompts / "stage_b_compose_reply.yaml"
    edited.write_text(edited.read_text() + "# a comment is not content\n")
    assert sync(tmp_path, prompts)[1] == "stage_b_compose_reply: version 1 is up to date"
    edited.write_text(edited.read_text().replace("template: |\n", "template: |\n  Be brief.\n", 1))
    assert sync(tmp_path, prompts) == [
        "stage_a_extract_facts: version 1 is up to date",
        "stage_b_compose_reply: version 2 registered",
    ]
