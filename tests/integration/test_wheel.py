from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
OFFLINE = ["--no-deps", "--no-index", "--quiet"]


def test_a_wheel_works_outside_the_checkout_with_its_prompts(tmp_path: Path) -> None:
    wheels, site = tmp_path / "wheels", tmp_path / "site"
    subprocess.run([*PIP, "wheel", str(ROOT), *OFFLINE, "--no-build-isolation", "--wheel-dir", str(wheels)], check=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*PIP, "install", str(wheel), *OFFLINE, "--target", str(site)], check=True)

    page = ROOT / "evals" / "pages" / "blog-brightsluice-ci.html"
    done = subprocess.run(
        [sys.executable, "-m", "technoshare_commentator.cli.app", "comment", str(page), "--json"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "MLFLOW_ENABLE_TRACKING": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "success"
    assert (site / "technoshare_commentator" / "_prompts" / "project_context.yaml").is_file()
    assert (site / "bin" / "technoshare").is_file()
