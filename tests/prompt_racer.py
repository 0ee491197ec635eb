"""One of several processes that register the same contents at the same moments."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from prompt_samples import prompt
from technoshare_commentator.mlops.prompts.registry import PromptRegistry
from technoshare_commentator.mlops.prompts.syncing import sync_prompt
from technoshare_commentator.mlops.settings import TrackingSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def race(racer: int, racers: int, folder: Path, store: str, contents: Sequence[tuple[str, str]]) -> None:
    """Register each content, name and text, when all are ready for it; leave the versions it became."""
    os.chdir(folder)
    machine = {"MLFLOW_TRACKING_URI": store, "TECHNOSHARE_HOME": folder / f"machine-{racer}"}  # no lock is shared
    versions = []
    try:
        registry = PromptRegistry.open(TrackingSettings.model_validate(machine))
        for number, (name, text) in enumerate(contents):
            (folder / f"ready-{number}-{racer}").touch()
            while len(list(folder.glob(f"ready-{number}-*"))) < racers:
                time.sleep(0.001)
            versions.append(sync_prompt(registry, prompt(name, text), {}).version)
    finally:  # who falls must not keep the others at the start
        for number in range(len(contents)):
            (folder / f"ready-{number}-{racer}").touch()
    (folder / f"versions-{racer}").write_text(" ".join(map(str, versions)))
