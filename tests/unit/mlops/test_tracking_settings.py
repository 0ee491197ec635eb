"""Where records go, as users set it."""

from __future__ import annotations

from pathlib import Path

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.settings import load_tracking_settings

NAMES = (
    "MLFLOW_TRACKING_URI",
    "MLFLOW_EXPERIMENT_NAME",
    "MLFLOW_ENABLE_TRACKING",
    "MLFLOW_ENABLE_TRACING",
    "TECHNOSHARE_HOME",
)


@pytest.fixture(autouse=True)
def _nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_need_nothing_and_lie_in_the_working_directory(tmp_path: Path) -> None:
    settings = load_tracking_settings()
    assert settings.uri == f"sqlite:///{tmp_path}/mlflow.db"
    assert settings.experiment == "technoshare_commentator"
    assert (settings.tracking, settings.tracing) == (True, True)
    assert settings.spool_directory == tmp_path / ".technoshare" / "spool"


def test_settings_stay_where_they_were_read_when_the_process_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///data/runs.db")
    monkeypatch.setenv("TECHNOSHARE_HOME", "kept/here")
    settings = load_tracking_settings()
    monkeypatch.chdir("/")
    assert settings.uri == f"sqlite:///{tmp_path}/data/runs.db"
    assert settings.home == tmp_path / "kept/here"


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:5000",
        "sqlite:////absolute/mlflow.db",
        "sqlite:///:memory:",
        "sqlite://",
        "postgresql+psycopg2://mlflow:p4ss@db.example/mlflow",
    ],
)
def test_an_address_that_is_no_relative_file_stays_as_it_is(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert load_tracking_settings().uri == uri


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("TECHNOSHARE_HOME", "~/records")
    assert load_tracking_settings().home == Path("/home/somebody/records")


@pytest.mark.parametrize(
    ("word", "value"), [("false", False), ("0", False), ("off", False), ("TRUE", True), ("", True)]
)
def test_switches_take_the_usual_words_and_nothing_counts_as_not_set(
    word: str, monkeypatch: pytest.MonkeyPatch, *, value: bool
) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_TRACKING", word)
    assert load_tracking_settings().tracking is value


@pytest.mark.parametrize("name", ["MLFLOW_ENABLE_TRACKING", "MLFLOW_ENABLE_TRACING"])
def test_a_typo_in_a_switch_is_an_error_that_names_the_variable_and_what_it_holds(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "flase")
    with pytest.raises(ConfigurationError, match=rf"^{name}='flase': .*boolean.*\.env\.mlflow\.example"):
        load_tracking_settings()


def test_the_environment_comes_before_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("MLFLOW_EXPERIMENT_NAME=from_file\nMLFLOW_ENABLE_TRACING=no\nUNKNOWN=1\n")
    assert load_tracking_settings().experiment == "from_file"
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "from_environment")
    settings = load_tracking_settings()
    assert (settings.experiment, settings.tracing) == ("from_environment", False)
