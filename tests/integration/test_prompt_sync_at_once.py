"""Several processes register the same content at the same moment, as if from several machines: no lock is shared."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from technoshare_commentator.mlops.prompts.registry import PromptRegistry
from technoshare_commentator.mlops.settings import TrackingSettings

TESTS = Path(__file__).resolve().parents[1]
RACERS = 4
ROUNDS = 5
RACE = """
import sys, time
from pathlib import Path
from prompt_samples import prompt
from technoshare_commentator.mlops.prompts.registry import PromptRegistry
from technoshare_commentator.mlops.prompts.syncing import sync_prompt
from technoshare_commentator.mlops.settings import load_tracking_settings

racer, name, rounds, racers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
try:
    registry = PromptRegistry.open(load_tracking_settings())
    for number in range(rounds):
        Path(f"ready-{number}-{racer}").touch()
        while len(list(Path().glob(f"ready-{number}-*"))) < racers:
            time.sleep(0.001)
        print(sync_prompt(registry, prompt(name, f"text {number}"), {}).version)
finally:  # whoever falls must not keep the others at the start
    for number in range(rounds):
        Path(f"ready-{number}-{racer}").touch()
"""


@pytest.mark.parametrize("kind", ["server_store", "sqlite_store"])
def test_they_end_with_one_version_of_each_content_and_all_name_it(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    store = str(request.getfixturevalue(kind))
    name = f"raced_on_{kind}"
    racers = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", RACE, str(number), name, str(ROUNDS), str(RACERS)],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(TESTS),
                "MLFLOW_TRACKING_URI": store,
                "TECHNOSHARE_HOME": str(tmp_path / f"machine-{number}"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(RACERS)
    ]
    ended = [racer.communicate(timeout=120) for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * RACERS, ended
    said = {out for out, _ in ended}
    assert len(said) == 1
    names = {"MLFLOW_TRACKING_URI": store, "TECHNOSHARE_HOME": tmp_path}
    registry = PromptRegistry.open(TrackingSettings.model_validate(names))
    versions = registry.versions(name)
    assert [version.prompt.template for version in versions] == [f"text {number}" for number in range(ROUNDS)]
    assert [str(version.number) for version in versions] == said.pop().split()
    assert registry.prompt(name).aliases["candidate"] == versions[-1].number
