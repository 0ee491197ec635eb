"""Prompts and project context: YAML in `prompts/` is their single source, a content hash their version."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from technoshare_commentator.errors import PromptError

STAGE_A = "stage_a_extract_facts"
STAGE_B = "stage_b_compose_reply"
_VARIABLE = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
_HASH_LENGTH = 12


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PromptFile(_File):
    """What a prompt's YAML file may hold."""

    name: str
    description: str
    template: str
    revision: str = ""  # what is said when an answer broke rules; its one variable is `failures`
    output_schema: Mapping[str, Any]
    settings: Mapping[str, float | int | str] = Field(default_factory=dict)
    tags: Mapping[str, str] = Field(default_factory=dict)


class Prompt(PromptFile):
    """A prompt with the hash of its content, which is its version; `origin` is `yaml` or a version of the registry."""

    sha256: str
    origin: str = "yaml"

    @property
    def label(self) -> str:
        """How tags name it: `name/origin/hash`."""
        return f"{self.name}/{self.origin}/{self.version}"

    @property
    def version(self) -> str:
        """The first twelve digits of the hash."""
        return self.sha256[:_HASH_LENGTH]

    @property
    def variables(self) -> tuple[str, ...]:
        """The `{{ names }}` the template wants, sorted."""
        return _variables(self.template)

    def render(self, **values: str) -> str:
        """Fill the template; a missing or an unknown variable is a `PromptError`."""
        return self._fill(self.template, values)

    def render_revision(self, failures: str) -> str:
        """Fill the text that asks for a revision."""
        return self._fill(self.revision, {"failures": failures})

    def _fill(self, template: str, values: Mapping[str, str]) -> str:
        wanted = _variables(template)
        missing, unknown = sorted(set(wanted) - values.keys()), sorted(values.keys() - set(wanted))
        if missing or unknown:
            raise PromptError(
                f"prompt {self.name!r} wants the variables {list(wanted)}: "
                f"missing {missing}, unknown {unknown}; pass exactly those it names"
            )
        return _VARIABLE.sub(lambda match: values[match.group(1)], template)


class Theme(_File):
    """One of the team's fields of work, as `project_context.yaml` describes it."""

    name: str
    pains: tuple[str, ...]
    stack: tuple[str, ...]
    success_criteria: tuple[str, ...]
    positioning: str


class ProjectContext(_File):
    """The team's themes, in the order of the file."""

    description: str
    themes: tuple[Theme, ...]

    @property
    def theme_names(self) -> tuple[str, ...]:
        """The names a project bullet may start with."""
        return tuple(theme.name for theme in self.themes)


F = TypeVar("F", bound=BaseModel)


def default_directory() -> Path:
    """Where the prompts lie: inside an installed wheel, else at the top of the checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "_prompts"
    return packaged if packaged.is_dir() else here.parents[1] / "prompts"


def load_prompt(name: str, directory: Path | None = None) -> Prompt:
    """Read `<directory>/<name>.yaml`; raise `PromptError` naming file, key and fix."""
    path = (directory or default_directory()) / f"{name}.yaml"
    parsed = _load(path, PromptFile)
    if parsed.name != name:
        raise PromptError(f"{path}: key 'name' is {parsed.name!r} but the file is called {name!r}; make them equal")
    return Prompt(**parsed.model_dump(), sha256=content_hash(parsed))


def load_project_context(directory: Path | None = None) -> ProjectContext:
    """Read `project_context.yaml`; raise `PromptError` naming file, key and fix."""
    return _load((directory or default_directory()) / "project_context.yaml", ProjectContext)


def content_hash(content: BaseModel) -> str:
    """Sha256 of the content in canonical JSON: sorted keys, no layout, so that comments and order do not count."""
    canonical = json.dumps(content.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _variables(template: str) -> tuple[str, ...]:
    return tuple(sorted(set(_VARIABLE.findall(template))))


def _load(path: Path, shape: type[F]) -> F:
    import yaml  # noqa: PLC0415 - importing the package stays cheap

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PromptError(f"{path} does not exist; set PROMPTS_DIR to the folder that holds your prompts") from None
    except yaml.YAMLError as error:
        raise PromptError(f"{path} is not valid YAML: {error}") from error
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        known = ", ".join(shape.model_fields)
        raise PromptError(
            f"{path}: key {key!r}: {first['msg']} (got {first['input']!r}); known keys: {known}"
        ) from error
