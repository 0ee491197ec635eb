"""Several processes register the same content at the same moment, as if from several machines: no lock is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from forks import forks
from prompt_racer import race
from technoshare_commentator.mlops.prompts.registry import PromptRegistry
from technoshare_commentator.mlops.settings import TrackingSettings

if TYPE_CHECKING:
    from pathlib import Path

RACERS = 4
SECONDS = 120


@pytest.mark.parametrize("kind", ["server_store", "sqlite_store", "postgres_store"])
def test_they_end_with_one_version_of_each_content_and_all_name_it(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    store = str(request.getfixturevalue(kind))
    names = [f"raced_{number}_on_{kind}" for number in range(3)]
    contents = [(name, text) for name in names for text in ("as it was", "as it is")]
    racers = [
        forks().Process(target=race, args=(number, RACERS, tmp_path, store, contents), daemon=True)
        for number in range(RACERS)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(SECONDS)
    assert [racer.exitcode for racer in racers] == [0] * RACERS
    (said,) = {(tmp_path / f"versions-{number}").read_text() for number in range(RACERS)}
    registry = PromptRegistry.open(
        TrackingSettings.model_validate({"MLFLOW_TRACKING_URI": store, "TECHNOSHARE_HOME": tmp_path})
    )
    versions = [version for name in names for version in registry.versions(name)]
    assert [(version.prompt.name, version.prompt.template) for version in versions] == contents
    assert [str(version.number) for version in versions] == said.split()
    for name in names:
        assert registry.prompt(name).aliases["candidate"] == registry.versions(name)[-1].number
