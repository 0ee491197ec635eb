"""What the commands of `technoshare prompts` print: the list, one version whole, the difference of two."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import yaml
from rich.table import Table
from rich.text import Text

from technoshare_commentator.mlops.prompts.mlflow_form import HASH_TAG
from technoshare_commentator.mlops.prompts.stored import CANDIDATE, PROD
from technoshare_commentator.prompts import YAML
from technoshare_commentator.visible_line import visible_line, visible_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console

    from technoshare_commentator.mlops.prompts.stored import RegisteredPrompt, StoredVersion
    from technoshare_commentator.prompts import Prompt

IN_SYNC = "in sync"
NOT_SYNCED = "not synced"
CHANGED = "YAML changed"
WAITING = "candidate waits"
NO_YAML = "no YAML"
_STYLES = {IN_SYNC: "green", NOT_SYNCED: "yellow", CHANGED: "yellow", WAITING: "cyan", NO_YAML: "dim"}
_STYLES_OF_LINES = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True)
class ListedPrompt:
    """A line of the list: hash of the YAML, numbers of versions; None where there is none."""

    name: str
    yaml: str | None
    candidate: int | None
    prod: int | None
    latest: int | None
    state: str
    aliases: Mapping[str, int]


def listed(
    name: str, in_yaml: Prompt | None, stored: RegisteredPrompt | None, candidate: Prompt | None
) -> ListedPrompt:
    """Hold a prompt's YAML against the registry; `candidate` is what the alias of that name points to."""
    aliases = stored.aliases if stored else {}
    return ListedPrompt(
        name=name,
        yaml=in_yaml.version if in_yaml else None,
        candidate=aliases.get(CANDIDATE),
        prod=aliases.get(PROD),
        latest=stored.latest if stored else None,
        state=_state(in_yaml, stored, candidate),
        aliases=dict(aliases),
    )


def print_list(console: Console, prompts: Sequence[ListedPrompt]) -> None:
    """One row a prompt, and what to do next, if there is anything."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("prompt", overflow="fold")  # a long name takes two lines, and no other column's room
    table.add_column("yaml", no_wrap=True)
    for title in (CANDIDATE, PROD, "latest"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    for one in prompts:
        numbers = ["-" if number is None else str(number) for number in (one.candidate, one.prod, one.latest)]
        cells = [visible_line(one.name), one.yaml or "-", *numbers]
        table.add_row(*map(Text, cells), Text(one.state, style=_STYLES[one.state]))
    console.print(table)
    states = {one.state for one in prompts}
    if states & {CHANGED, NOT_SYNCED}:
        console.print(Text("register what the YAML has: technoshare prompts sync"))
    if WAITING in states:
        console.print(Text("promote what waits: technoshare prompts promote NAME, or with --if-gate what passes"))


def print_version(console: Console, version: StoredVersion) -> None:
    """A version of the registry: what is known about it, then its content."""
    rows = [("created", moment(version.created_ms)), *sorted(version.tags.items())]
    print_prompt(console, version.prompt, [(key, value) for key, value in rows if key not in {HASH_TAG, "yaml.tags"}])


def print_prompt(console: Console, prompt: Prompt, about: Sequence[tuple[str, str]] = ()) -> None:
    """A prompt's label and hash, what else is known about it, and its content as YAML."""
    console.print(Text(prompt.label, style="bold"))
    table = Table.grid(padding=(0, 2))
    for key, value in (("sha256", prompt.sha256), *about):
        table.add_row(Text(visible_line(key), style="dim"), Text(visible_line(value), overflow="fold"))
    console.print(table)
    console.print()
    for line in as_yaml(prompt).splitlines():
        console.print(Text(visible_part(line)), soft_wrap=True)


def print_difference(console: Console, before: Prompt, after: Prompt) -> bool:
    """Print the unified difference of two contents; False where there is none."""
    lines = [*difference(before, after)]
    for line in lines:
        console.print(Text(visible_part(line), style=_STYLES_OF_LINES.get(line[:1], "")), soft_wrap=True)
    return bool(lines)


def difference(before: Prompt, after: Prompt) -> Iterator[str]:
    """The lines of the unified difference."""
    earlier, later = (as_yaml(prompt, in_order=True).splitlines() for prompt in (before, after))
    return difflib.unified_diff(earlier, later, before.label, after.label, lineterm="")


def as_yaml(prompt: Prompt, *, in_order: bool = False) -> str:
    """The content of a prompt as a file could have it, texts of several lines as they are.

    With `in_order` two contents that are one version are one text too, however the file orders schema and tags.
    """
    content = prompt.content.model_dump(mode="json")
    if in_order:
        content = {key: json.loads(json.dumps(value, sort_keys=True)) for key, value in content.items()}
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def moment(milliseconds: int) -> str:
    """A time of the registry in UTC, to the second."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")


def version_as_json(version: StoredVersion) -> dict[str, Any]:
    """What `--json` prints of a version."""
    return {**prompt_as_json(version.prompt), "created": moment(version.created_ms), "registry_tags": {**version.tags}}


def prompt_as_json(prompt: Prompt) -> dict[str, Any]:
    """What `--json` prints of a prompt."""
    version = None if prompt.origin == YAML else int(prompt.origin)
    return {
        "label": prompt.label,
        "version": version,
        "sha256": prompt.sha256,
        **prompt.content.model_dump(mode="json"),
    }


def _state(in_yaml: Prompt | None, stored: RegisteredPrompt | None, candidate: Prompt | None) -> str:
    if in_yaml is None:
        return NO_YAML
    if stored is None:
        return NOT_SYNCED
    if candidate is None or candidate.sha256 != in_yaml.sha256:
        return CHANGED
    return IN_SYNC if stored.aliases.get(PROD) == stored.aliases[CANDIDATE] else WAITING


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
