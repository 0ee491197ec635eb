"""The settings and the files that explain them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dotenv import dotenv_values

from technoshare_commentator.config import Settings, load_settings, require
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.settings import TrackingSettings

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

CHECKOUT = Path(__file__).parents[2]
SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "OPENAI_API_KEY", "GITHUB_TOKEN")


def variables(settings: type[BaseSettings]) -> set[str]:
    return {str(field.validation_alias or name).upper() for name, field in settings.model_fields.items()}


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in variables(Settings) | variables(TrackingSettings):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_everything_has_a_default_that_needs_no_key_and_no_server() -> None:
    settings = load_settings()
    assert (settings.model_stage_a, settings.model_stage_b) == ("extractive", "extractive")
    assert (settings.max_links_per_message, settings.log_level) == (5, "INFO")
    assert settings.database_url == "sqlite:///technoshare.db"
    assert settings.slack_bot_token is None


def test_the_environment_goes_before_the_file_in_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("MAX_LINKS_PER_MESSAGE=7\nLOG_LEVEL=debug\nSOMETHING_ELSE=1\n", encoding="utf-8")
    monkeypatch.setenv("MAX_LINKS_PER_MESSAGE", "3")
    settings = load_settings()
    assert (settings.max_links_per_message, settings.log_level) == (3, "DEBUG")


def test_the_second_stage_uses_the_model_of_the_first_unless_it_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_STAGE_A", "gpt-5-mini")
    assert load_settings().model_stage_b == "gpt-5-mini"
    monkeypatch.setenv("MODEL_STAGE_B", "extractive")
    assert load_settings().model_stage_b == "extractive"


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    defaults = load_settings()
    for name in variables(Settings):
        monkeypatch.setenv(name, blank)
    assert load_settings() == defaults


def test_the_password_of_a_database_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hush-hush@db/jobs")
    settings = load_settings()
    assert settings.database_url.endswith("@db/jobs")
    assert "hush-hush" not in f"{settings!r} {settings}"


def test_white_space_around_a_token_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", " xoxb-1\n")
    token = load_settings().slack_bot_token
    assert token is not None
    assert token.get_secret_value() == "xoxb-1"


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_shown_when_the_settings_are(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "hush-hush")
    settings = load_settings()
    assert "hush-hush" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("MAX_LINKS_PER_MESSAGE", "five", "valid integer"),
        ("MAX_LINKS_PER_MESSAGE", "0", "greater than or equal to 1"),
        ("MAX_LINKS_PER_MESSAGE", "2.5", "valid integer"),
        ("LOG_LEVEL", "loud", "'DEBUG', 'INFO'"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_rule(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, rule: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    message = str(caught.value)
    assert message.startswith(f"{name}={value!r}: ")
    assert rule in message
    assert ".env.example" in message


@pytest.mark.parametrize("value", ["…", "sk-abc\u200bdef", "sk abc", "sk-a\nb"])
def test_a_key_that_no_request_can_carry_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", value)
    with pytest.raises(ConfigurationError, match=r"OPENAI_API_KEY=.*copied whole") as caught:
        load_settings()
    assert value not in str(caught.value).replace("without `…`", "")


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_LINKS_PER_MESSAGE", "five")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert [line.partition("=")[0] for line in str(caught.value).splitlines()] == ["MAX_LINKS_PER_MESSAGE", "LOG_LEVEL"]


def test_an_error_beside_a_secret_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "hush-hush")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "hush-hush" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_file_that_is_no_text_is_named() -> None:
    Path(".env").write_bytes(b"LOG_LEVEL=\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"\.env cannot be read .*UTF-8"):
        load_settings()


def test_what_a_command_needs_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with pytest.raises(ConfigurationError) as caught:
        require(
            load_settings(),
            "SLACK_BOT_TOKEN",
            "SLACK_APP_TOKEN",
            "TECHNOSHARE_CHANNEL_ID",
            command="technoshare worker",
        )
    message = str(caught.value)
    assert message.startswith(
        "`technoshare worker` needs SLACK_APP_TOKEN and TECHNOSHARE_CHANNEL_ID, which are not set"
    )
    assert ".env.example" in message
    assert "SLACK_BOT_TOKEN" not in message


def test_nothing_is_asked_for_when_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TECHNOSHARE_CHANNEL_ID", "C1")
    require(load_settings(), "TECHNOSHARE_CHANNEL_ID", command="technoshare comment --post")


@pytest.mark.parametrize(("file", "settings"), [(".env.example", Settings), (".env.mlflow.example", TrackingSettings)])
def test_each_example_file_names_exactly_the_settings_there_are(file: str, settings: type[BaseSettings]) -> None:
    assert set(dotenv_values(CHECKOUT / file)) == variables(settings)


@pytest.mark.parametrize(("file", "settings"), [(".env.example", Settings), (".env.mlflow.example", TrackingSettings)])
def test_each_example_file_can_be_used_as_it_is_and_shows_the_defaults(file: str, settings: type[BaseSettings]) -> None:
    assert settings(_env_file=CHECKOUT / file) == settings(_env_file=None)


@pytest.mark.parametrize("file", [".env.example", ".env.mlflow.example"])
def test_each_setting_has_its_default_and_its_commands_above_it(file: str) -> None:
    for block in (CHECKOUT / file).read_text(encoding="utf-8").split("\n\n"):
        *comments, last = block.strip().splitlines()
        if last.startswith("#"):
            continue
        assert all(line.startswith("# ") for line in comments), block
        assert "default" in comments[-1].lower(), block
        assert "Needed by" in comments[-1] or "Read by" in comments[-1], block
