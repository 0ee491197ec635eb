"""Variants: what is evaluated against what, a model with versions of prompts and settings, named in a YAML file.

# variants.yaml
small:
  model: smollm2-135m
  settings: {temperature: 0}
candidate:
  model: gpt-5-mini
  prompts: {stage_b: candidate}
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from technoshare_commentator.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DEFAULT = "default"
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._@-]*$"


class Variant(BaseModel):
    """What a task is asked to run: `model` and `prompts` are names that the task gives a meaning, as are settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(DEFAULT, pattern=_NAME)
    description: str = ""
    model: str = ""
    prompts: dict[str, str] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


class _Described(BaseModel):
    """A variant as the file has it: its name is the key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = ""
    model: str = ""
    prompts: dict[str, str] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)


_FILE = TypeAdapter(dict[str, _Described])


def load_variants(path: Path) -> dict[str, Variant]:
    """Read a file of variants by name; raises `ConfigurationError` naming file, variant, key and fix."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        described = _FILE.validate_python({} if content is None else content)
        return {name: Variant(name=name, **one.model_dump()) for name, one in described.items()}
    except FileNotFoundError:
        raise ConfigurationError(
            f"the file of variants {str(path)!r} does not exist; make it, or mend the setting"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"the file of variants {str(path)!r} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{str(path)!r} is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(
            f"{str(path)!r}: {where or 'the file'}: {first['msg']} (got {first['input']!r}); a variant is a name with "
            f"the keys {', '.join(_Described.model_fields)}"
        ) from error


def choose_variants(known: dict[str, Variant], names: Sequence[str], models: Sequence[str]) -> list[Variant]:
    """Return the variants asked for by name, each with every model asked for; the default one where nothing was.

    Raises `ConfigurationError` for a name that is not known, with the one that was probably meant, and for two models
    that cannot be told apart in the ids of tests.
    """
    chosen = [_find(known, name) for name in dict.fromkeys(names)]
    if not models:
        return chosen or [known.get(DEFAULT, Variant())]
    if not chosen:
        return [Variant(name=name, model=model) for name, model in _by_name(models).items()]
    return [
        variant.model_copy(update={"name": f"{variant.name}@{name}", "model": model})
        for variant in chosen
        for name, model in _by_name(models).items()
    ]


def _by_name(models: Sequence[str]) -> dict[str, str]:
    """Models by their names as parts of tests' ids, which hold no slash and no colon."""
    found: dict[str, str] = {}
    for model in dict.fromkeys(models):
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", model).strip("-._") or "model"
        if name in found:
            raise ConfigurationError(
                f"the models {found[name]!r} and {model!r} would both be called {name!r} in the ids of tests; "
                "give them names of your own in the file of variants"
            )
        found[name] = model
    return found


def _find(known: dict[str, Variant], name: str) -> Variant:
    if name == DEFAULT:
        return known.get(DEFAULT, Variant())
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known) or 'none'}"
        raise ConfigurationError(f"no variant is called {name!r}{hint}")
    return known[name]
