"""Where records go: the tracking half of the settings, shared by the application and the pytest plugin."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from technoshare_commentator.errors import ConfigurationError

_SQLITE_FILE = "sqlite:///"


class TrackingSettings(BaseSettings):
    """The `MLFLOW_*` names and `TECHNOSHARE_HOME`, from the environment or `.env` in the working directory.

    Relative paths are made absolute when the settings are read: records are shipped by other processes, from other
    folders, later.
    """

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, frozen=True, validate_default=True
    )

    uri: str = Field("sqlite:///mlflow.db", validation_alias="MLFLOW_TRACKING_URI")
    experiment: str = Field("technoshare_commentator", validation_alias="MLFLOW_EXPERIMENT_NAME")
    tracking: bool = Field(default=True, validation_alias="MLFLOW_ENABLE_TRACKING")
    tracing: bool = Field(default=True, validation_alias="MLFLOW_ENABLE_TRACING")
    home: Path = Field(Path(".technoshare"), validation_alias="TECHNOSHARE_HOME")

    @field_validator("uri")
    @classmethod
    def _absolute_uri(cls, uri: str) -> str:
        file = uri.removeprefix(_SQLITE_FILE)
        return f"{_SQLITE_FILE}{Path(file).absolute()}" if file not in {uri, ":memory:"} else uri

    @field_validator("home")
    @classmethod
    def _absolute_home(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @property
    def spool_directory(self) -> Path:
        """Where records wait until they are shipped."""
        return self.home / "spool"


def load_tracking_settings() -> TrackingSettings:
    """Read the settings; a typo in a switch raises `ConfigurationError` naming the variable and the values it takes."""
    try:
        return TrackingSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(
            f"{name}={first['input']!r}: {first['msg']}; correct it in the environment or in .env "
            "(.env.mlflow.example lists every tracking setting)"
        ) from error
