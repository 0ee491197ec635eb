"""Runs `killed_shipper`, a process of its own, and reads what it found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import killed_shipper

KILLED = -9


def die_many_deaths(*arguments: str) -> dict[str, Any]:
    """Run the script that forks shippers and has them killed; gives an undisturbed life and the killed ones."""
    script = Path(killed_shipper.__file__)
    done = subprocess.run(
        [sys.executable, str(script), *arguments], cwd=script.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = dict(json.loads(done.stdout))
    undisturbed = result["undisturbed"]
    assert (undisturbed["ended_with"], undisturbed["waiting"]) == (0, 0)
    return result


def check_that_every_life_ended_alike(result: dict[str, Any]) -> None:
    """Each was killed, shipped everything in its second life, and left what an undisturbed one does."""
    for moment, life in enumerate(result["killed"]):
        assert (life["ended_with"], life["waiting"]) == (KILLED, 0), f"of life {moment}"
        assert life["found"] == result["undisturbed"]["found"], f"of life {moment}"
