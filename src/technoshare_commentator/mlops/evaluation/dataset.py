"""Datasets: a JSON file of examples, checked against the suite's own example type."""

from __future__ import annotations

import hashlib
import json
import keyword
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.records import DatasetRecord

if TYPE_CHECKING:
    from pathlib import Path

# Tags become pytest marks; these would switch tests off or mean something else.
_RESERVED_TAGS = frozenset(
    {"eval", "skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings", "tryfirst", "trylast"}
)
_SHOWN_CHARACTERS = 200


class Example(BaseModel):
    """One row: an id, which becomes the test's id, and tags, which become its markers.

    Subclass it to name your own fields; unknown keys are errors.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    tags: tuple[str, ...] = ()
    notes: str = ""

    @field_validator("tags")
    @classmethod
    def _usable_as_marks(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        for tag in tags:
            if not tag.isidentifier() or tag[0] == "_" or keyword.iskeyword(tag) or tag in _RESERVED_TAGS:
                raise ValueError(f"tag {tag!r} cannot be a pytest mark; use letters, digits and _ and no reserved word")
        return tags


class AnyExample(Example):
    """An example of a suite that declares no type: whatever else the row holds is kept as attributes."""

    model_config = ConfigDict(frozen=True, extra="allow")


E_co = TypeVar("E_co", bound=Example, covariant=True)


class Dataset(BaseModel, Generic[E_co]):
    """A named, versioned list of examples with unique ids."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str = ""
    version: str = "1"
    examples: tuple[E_co, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique_ids(self) -> Dataset[E_co]:
        seen: set[str] = set()
        for example in self.examples:
            if example.id in seen:
                raise ValueError(f"id {example.id!r} stands twice; every example needs an id of its own")
            seen.add(example.id)
        return self

    @cached_property
    def digest(self) -> str:
        """The first 16 digits of the sha256 of the content in canonical JSON."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def record(self, source: str) -> DatasetRecord:
        """What a run remembers of the dataset; `source` is where it was read."""
        return DatasetRecord(self.name, self.version, self.digest, source)


@lru_cache(maxsize=64)
def load_dataset(path: Path, example_type: type[Example] = AnyExample) -> Dataset[Example]:
    """Read a dataset; raises `DatasetError` naming the file, the example, the key, the value and the fix."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DatasetError(f"dataset {str(path)!r} does not exist; paths are relative to the test file") from None
    except OSError as error:
        raise DatasetError(f"dataset {str(path)!r} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DatasetError(f"dataset {str(path)!r} is not valid JSON: {error}") from error
    try:
        return Dataset[example_type].model_validate(content)  # type: ignore[valid-type]  # the type is a value here
    except ValidationError as error:
        raise DatasetError(_explain(path, content, error, example_type)) from error


def _explain(path: Path, content: Any, error: ValidationError, example_type: type[Example]) -> str:
    problem = error.errors()[0]
    where = [str(part) for part in problem["loc"]]
    row = ""
    if where[:1] == ["examples"] and len(where) > 1 and where[1].isdigit():
        example = content["examples"][int(where[1])]
        name = example.get("id") if isinstance(example, dict) else None
        row, where = f"example {repr(name) if name else '#' + where[1]}, ", where[2:]
    known = ", ".join(example_type.model_fields if row else Dataset.model_fields)
    key = f"key {'.'.join(where)!r}: " if where else ""
    got = repr(problem["input"])
    got = got if len(got) <= _SHOWN_CHARACTERS else f"{got[:_SHOWN_CHARACTERS]}…"  # a row may hold a whole page
    return f"dataset {str(path)!r}: {row}{key}{problem['msg']} (got {got}); known keys: {known}"
