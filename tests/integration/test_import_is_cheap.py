"""Who imports us, or has our plugin installed, pays for nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {
    "mlflow",
    "openai",
    "dbos",
    "trafilatura",
    "sklearn",
    "networkx",
    "httpx2",
    "slack_sdk",
    "lxml",
    "rich",
    "typer",
}
ALSO_NOT_AT_LOAD = {"pydantic", "pydantic_settings", "opentelemetry", "numpy", "yaml", "asyncio", "sqlite3"}
TELL = "import json, sys; print(json.dumps(sorted(sys.modules)))"

CONFTEST = """
import json, sys
from pathlib import Path

def pytest_unconfigure(config):
    Path("modules.json").write_text(json.dumps(sorted(sys.modules)))
"""


def top_level(modules: list[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def imported_by(statement: str) -> set[str]:
    def run(code: str) -> set[str]:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return top_level(json.loads(done.stdout))

    return run(f"{statement}; {TELL}") - run(TELL)


def test_importing_the_package_imports_nothing_but_itself() -> None:
    assert imported_by("import technoshare_commentator") == {"technoshare_commentator"}


@pytest.mark.parametrize(
    ("module", "more"),
    [
        ("mlops.tracking", {"pydantic", "pydantic_settings", "opentelemetry"}),
        ("mlops.delivery", {"pydantic", "pydantic_settings", "opentelemetry"}),
        ("mlops.spool", {"pydantic", "pydantic_settings", "opentelemetry"}),
        ("mlops.shipper", {"pydantic", "pydantic_settings", "opentelemetry"}),
        ("mlops.settings", {"opentelemetry"}),
        ("mlops.prompts.store", {"opentelemetry", "yaml"}),
        ("mlops.prompts.fetching", {"opentelemetry", "yaml"}),
        ("pytest_plugin", ALSO_NOT_AT_LOAD - {"asyncio"}),
    ],
)
def test_what_a_job_and_a_test_session_load_early_is_light(module: str, more: set[str]) -> None:
    imported = imported_by(f"import technoshare_commentator.{module}")
    assert "technoshare_commentator" in imported
    assert imported & (HEAVY | more) == set()


def session(folder: Path, *arguments: str) -> set[str]:
    """What a pytest session in a folder without eval marks imports."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_plain.py").write_text("def test_plain():\n    assert True\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return top_level(json.loads((folder / "modules.json").read_text()))


def test_a_session_without_eval_marks_imports_what_it_would_without_the_plugin(tmp_path: Path) -> None:
    others = ("-p", "no:hypothesispytest", "-p", "no:syrupy", "-p", "no:anyio", "-p", "no:xdist")
    plugin = "technoshare_commentator.pytest_plugin"
    without = session(tmp_path, *others, "-p", "no:technoshare_eval", "-p", f"no:{plugin}")
    with_plugin = session(tmp_path, *others)
    assert "technoshare_commentator" not in without
    assert "technoshare_commentator" in with_plugin
    assert with_plugin & HEAVY == set()
    assert (with_plugin - without) & ALSO_NOT_AT_LOAD == set()
