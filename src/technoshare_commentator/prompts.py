"""Prompts and project context: YAML in `prompts/` is their single source, a content hash their version.

A file is called as its prompt: `stage_a.yaml` holds the prompt `stage_a`, and `judges/relevance.yaml` holds
`judge_relevance`. The project context is versioned like a prompt, its themes standing in for the template.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError, field_validator

from technoshare_commentator.errors import PromptError

STAGE_A = "stage_a_extract_facts"
STAGE_B = "stage_b_compose_reply"
CONTEXT = "project_context"
JUDGES = "judges"  # the folder below prompts/
JUDGE_PREFIX = "judge_"
YAML = "yaml"  # the origin of a prompt that no registry has seen
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")  # what MLflow takes for one
_JSON = TypeAdapter(dict[str, JsonValue])
_HASH_LENGTH = 12
_ALIAS = re.compile(r"(?!latest$)(?!v?\d+$)[A-Za-z0-9][A-Za-z0-9_-]*")  # good for MLflow, files and variants


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PromptSettings(_File):
    """What a prompt may ask of its model; what is not named is left to the model."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    temperature: float | None = Field(None, ge=0, le=2)
    max_output_tokens: int | None = Field(None, gt=0)
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    top_p: float | None = Field(None, gt=0, le=1)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    seed: int | None = None


class PromptFile(_File):
    """What a prompt's YAML file may hold; `settings` are those of `PromptSettings` that are set."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")  # what MLflow takes
    description: str
    template: str
    revision: str = ""  # what is said when an answer broke rules; its one variable is `failures`
    output_schema: Mapping[str, Any]
    settings: Mapping[str, float | int | str] = Field(default_factory=dict)
    tags: Mapping[str, str] = Field(default_factory=dict)

    @field_validator("output_schema", mode="before")
    @classmethod
    def _json(cls, given: Any) -> Any:
        """YAML knows more than JSON: a date, or `on` for a key, which it takes for true."""
        return _JSON.validate_python(given)

    @field_validator("settings", mode="before")
    @classmethod
    def _known_settings(cls, given: Any) -> Any:
        """Equal settings become equal values, so that `0` and `0.0` are one version."""
        return PromptSettings.model_validate(given).model_dump(exclude_none=True)


class Prompt(PromptFile):
    """A prompt with the hash of its content, which is its version; `origin` is `yaml` or a version of the registry."""

    sha256: str
    origin: str = YAML

    @classmethod
    def of(cls, content: PromptFile, origin: str = YAML) -> Prompt:
        """Return the prompt with this content, its hash computed."""
        fields = {name: getattr(content, name) for name in PromptFile.model_fields}
        return cls(**fields, sha256=content_hash(content), origin=origin)

    @property
    def content(self) -> PromptFile:
        """What its YAML file holds."""
        return PromptFile(**{name: getattr(self, name) for name in PromptFile.model_fields})

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


def is_alias(text: str) -> bool:
    """Whether versions in a registry can be called so; neither a number nor `latest` can be mistaken for it."""
    return _ALIAS.fullmatch(text) is not None


def prompt_files(directory: Path | None = None) -> list[Path]:
    """Return every file that holds a prompt or the project context, judges last; raise `PromptError` for none.

    Two files of one prompt are an error too: they would take turns at being its latest version.
    """
    folder = directory or default_directory()
    found = [*sorted(folder.glob("*.yaml")), *sorted((folder / JUDGES).glob("*.yaml"))]
    if not found:
        raise PromptError(f"{folder} holds no prompt (*.yaml); set PROMPTS_DIR to the folder that holds yours")
    files: dict[str, Path] = {}
    for path in found:
        other = files.setdefault(_name_in(path), path)
        if other != path:
            raise PromptError(f"{other} and {path} both hold the prompt {_name_in(path)!r}; rename or delete one")
    return found


def load_prompt_file(path: Path) -> Prompt:
    """Read a prompt, or the project context as one; raise `PromptError` naming file, key and fix."""
    if path.stem == CONTEXT and path.parent.name != JUDGES:
        return context_as_prompt(_load(path, ProjectContext))
    parsed = _load(path, PromptFile)
    name = _name_in(path)
    if parsed.name != name:
        raise PromptError(f"{path}: key 'name' is {parsed.name!r} but the file holds {name!r}; make them equal")
    return Prompt.of(parsed)


def load_prompt(name: str, directory: Path | None = None) -> Prompt:
    """Read the prompt `name`: `<name>.yaml`, or `judges/<rest>.yaml` for `judge_<rest>`; raise `PromptError`."""
    folder = directory or default_directory()
    path = folder / f"{name}.yaml"
    if name.startswith(JUDGE_PREFIX) and not path.exists():
        path = folder / JUDGES / f"{name.removeprefix(JUDGE_PREFIX)}.yaml"
    return load_prompt_file(path)


def load_project_context(directory: Path | None = None) -> ProjectContext:
    """Read `project_context.yaml`; raise `PromptError` naming file, key and fix."""
    return _load((directory or default_directory()) / f"{CONTEXT}.yaml", ProjectContext)


def context_as_prompt(context: ProjectContext) -> Prompt:
    """Return the themes as the template of a prompt that nobody fills, for whoever keeps versions of prompts."""
    import yaml  # noqa: PLC0415 - importing the package stays cheap

    themes = [theme.model_dump(mode="json") for theme in context.themes]
    text = yaml.safe_dump(themes, sort_keys=False, allow_unicode=True, width=120)
    return Prompt.of(PromptFile(name=CONTEXT, description=context.description, template=text, output_schema={}))


def context_of(prompt: Prompt) -> ProjectContext:
    """Return the project context that `context_as_prompt` made this prompt of; raise `PromptError` for another."""
    import yaml  # noqa: PLC0415 - as above

    try:
        themes = yaml.safe_load(prompt.template)
        return ProjectContext.model_validate({"description": prompt.description, "themes": themes})
    except (yaml.YAMLError, ValidationError) as error:
        raise PromptError(
            f"{prompt.label} holds no themes as {CONTEXT}.yaml has them; correct that file and sync it: "
            "technoshare prompts sync"
        ) from error


def content_hash(content: BaseModel) -> str:
    """Sha256 of the content in canonical JSON: sorted keys, no layout, so that comments and order do not count."""
    canonical = json.dumps(content.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _variables(template: str) -> tuple[str, ...]:
    return tuple(sorted(set(_VARIABLE.findall(template))))


def _name_in(path: Path) -> str:
    return f"{JUDGE_PREFIX}{path.stem}" if path.parent.name == JUDGES else path.stem


def _load(path: Path, shape: type[F]) -> F:
    import yaml  # noqa: PLC0415 - importing the package stays cheap

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PromptError(f"{path} does not exist; set PROMPTS_DIR to the folder that holds your prompts") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{path} cannot be read ({error}); save it as UTF-8 text") from error
    except yaml.YAMLError as error:
        raise PromptError(f"{path} is not valid YAML: {error}") from error
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise PromptError(f"{path}: {_explain(error, shape)}") from error


def _explain(error: ValidationError, shape: type[BaseModel]) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "(top level)"
    known = PromptSettings.model_fields if key.startswith("settings") else shape.model_fields
    return f"key {key!r}: {first['msg']} (got {first['input']!r}); known keys: {', '.join(known)}"
