"""The application's settings, read from the environment; where records go is in `mlops.settings`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.prompts import is_alias

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]

_HOW_TO_SET = "set it in the environment or in .env (.env.example explains every setting)"


class Settings(BaseSettings):
    """The names of `.env.example`, from the environment or else from `.env` in the working directory.

    Values are stripped, and a blank one counts as not set. Names that are not ours are left alone.
    """

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    technoshare_channel_id: str | None = None

    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    model_stage_a: str = "extractive"
    model_stage_b: str = Field(default_factory=lambda fields: str(fields["model_stage_a"]))

    model_judge: str | None = None
    judge_votes: int = Field(default=1, ge=1)

    model_timeout_seconds: float = Field(default=120.0, gt=0)
    model_max_retries: int = Field(default=3, ge=0)
    model_evidence_characters: int = Field(default=60_000, ge=1000)
    model_provider: str | None = None

    github_token: SecretStr | None = None
    prompts_dir: Path | None = None
    prompt_alias: str = "prod"
    database_url: str = Field(default="sqlite:///technoshare.db", repr=False)  # may hold a password
    max_links_per_message: int = Field(default=5, ge=1)
    log_level: LogLevel = "INFO"

    @model_validator(mode="before")
    @classmethod
    def _strip(cls, values: dict[str, Any]) -> dict[str, Any]:
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @field_validator("openai_api_key", "slack_bot_token", "slack_app_token", "github_token")
    @classmethod
    def _fits_a_header(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not re.fullmatch(r"[!-~]+", secret.get_secret_value()):
            raise ValueError("a key has letters, digits and marks of ASCII only: was it copied whole, without `…`?")
        return secret

    @field_validator("judge_votes")
    @classmethod
    def _odd(cls, votes: int) -> int:
        if votes % 2 == 0:
            raise ValueError("take an odd number, so that more than half of the votes agree")
        return votes

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        upper = str(value).upper()
        return upper if upper in get_args(LogLevel) else value

    @field_validator("prompt_alias")
    @classmethod
    def _is_alias(cls, value: str) -> str:
        if not is_alias(value):
            raise ValueError("an alias is letters, digits, - and _, and neither a number nor 'latest'")
        return value


def load_settings() -> Settings:
    """Read the settings; raise `ConfigurationError` naming each variable that cannot be used, its value and the fix."""
    try:
        return Settings()
    except ValidationError as error:
        # Not chained: pydantic's own text shows every value, secrets too.
        raise ConfigurationError("\n".join(_explain(dict(found)) for found in error.errors())) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{Path('.env').resolve()} cannot be read ({error}); save it as UTF-8 text") from None


def require(settings: Settings, *names: str, command: str) -> None:
    """Raise `ConfigurationError` when a setting that `command` needs is not set, naming exactly those that are missing.

    `names` are the variables as the user writes them, such as `SLACK_BOT_TOKEN`.
    """
    missing = [name for name in names if getattr(settings, name.lower()) is None]
    if not missing:
        return
    verb = "is" if len(missing) == 1 else "are"
    raise ConfigurationError(
        f"`{command}` needs {' and '.join(missing)}, which {verb} not set: copy .env.example to .env, "
        "fill in what it explains there, and run the command again"
    )


def _explain(found: dict[str, Any]) -> str:
    name = str(found["loc"][0])
    secret = SecretStr in get_args(Settings.model_fields[name].annotation)
    shown = "(hidden)" if secret else repr(found["input"])
    message = str(found["msg"])
    return f"{name.upper()}={shown}: {message[:1].lower()}{message[1:]}; {_HOW_TO_SET}"
