"""Good commentaries written by people, as a strong model would write them: in their own words, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from technoshare_commentator.domain import Commentary
from technoshare_commentator.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path


class WrittenCommentary(BaseModel):
    """A commentary on the page of the example with the id `example`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    example: str
    commentary: Commentary


def load_written(folder: Path) -> dict[str, WrittenCommentary]:
    """Read every JSON file of `folder` by its name, none where there is no folder.

    Raises `DatasetError` naming the file, the key, the value and the fix.
    """
    return {path.stem: _load(path) for path in sorted(folder.glob("*.json"))}


def _load(path: Path) -> WrittenCommentary:
    try:
        return WrittenCommentary.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DatasetError(f"commentary {str(path)!r} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "(top level)"
        known = ", ".join((*WrittenCommentary.model_fields, *Commentary.model_fields))
        raise DatasetError(
            f"commentary {str(path)!r}: key {key!r}: {first['msg']} (got {first['input']!r:.200}); known keys: {known}"
        ) from error
