"""Which versions of prompts a run or a trace used: from tags that name them to the links that MLflow's pages show.

A tag names one when it is called `prompt_…` and its value is a label, `name/origin/hash`. Its origin is the number of a
version, or `yaml` for a prompt that no registry has seen and that nothing can be linked to.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LINKS_TAG = "mlflow.linkedPrompts"  # the name and the form that MLflow's own links have, on runs and on traces
_TAG = "prompt_"
_LABEL = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)/(?P<origin>yaml|[1-9]\d*)/(?P<hash>[0-9a-f]+)")


def prompt_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Those of the tags that name a prompt."""
    return {key: value for key, value in tags.items() if key.startswith(_TAG) and _LABEL.fullmatch(value)}


def versions_in(tags: Mapping[str, str]) -> list[tuple[str, str]]:
    """Name and number of every version of a registry that the tags name, each once."""
    found = (_LABEL.fullmatch(value) for value in prompt_tags(tags).values())
    return list(dict.fromkeys((one["name"], one["origin"]) for one in found if one and one["origin"].isdigit()))


def links(*tagged: Mapping[str, str]) -> dict[str, str]:
    """The tag that links to every version that these tags name or already link to; none where they name none."""
    versions = [one for tags in tagged for one in (*_parsed(tags.get(LINKS_TAG, "")), *versions_in(tags))]
    listed = [{"name": name, "version": number} for name, number in dict.fromkeys(versions)]
    return {LINKS_TAG: json.dumps(listed)} if listed else {}


def labels_in_use(tagged: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Each tag that names a prompt, with all labels that it has somewhere among these, in order."""
    found: dict[str, dict[str, None]] = {}
    for tags in tagged:
        for key, label in prompt_tags(tags).items():
            found.setdefault(key, {})[label] = None
    return {key: ", ".join(labels) for key, labels in found.items()}


def _parsed(value: str) -> list[tuple[str, str]]:
    try:
        return [(str(one["name"]), str(one["version"])) for one in json.loads(value or "[]")]
    except (ValueError, TypeError, KeyError):  # not MLflow's and not ours
        return []
