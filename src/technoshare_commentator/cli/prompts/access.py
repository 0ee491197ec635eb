"""How the commands of `technoshare prompts` reach the registry and the copy on disk."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.config import load_settings
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.prompts import YAML, load_prompt

if TYPE_CHECKING:
    from technoshare_commentator.mlops.prompts.registry import PromptRegistry
    from technoshare_commentator.prompts import Prompt


def open_registry(*, to_write: bool = False) -> PromptRegistry:
    """Connect; a SQLite file that is not there is made by what writes only."""
    from technoshare_commentator.mlops.prompts.registry import PromptRegistry  # noqa: PLC0415 - takes seconds

    tracking = load_tracking_settings()
    file = tracking.uri.removeprefix("sqlite:///")
    if not to_write and file != tracking.uri and not Path(file).is_file():
        raise ConfigurationError(f"there is no registry at {tracking.uri} yet; make it with: technoshare prompts sync")
    logging.disable()  # a new store tells of each of its migrations
    warnings.simplefilter("ignore")
    return PromptRegistry.open(tracking)


def take_copy(registry: PromptRegistry) -> None:
    """Let jobs on this machine see at once what the registry has now."""
    from technoshare_commentator.mlops.prompts.snapshot import SnapshotFolder  # noqa: PLC0415 - as above

    tracking, alias = load_tracking_settings(), load_settings().prompt_alias
    folder = SnapshotFolder(tracking.home, tracking.uri)
    if alias == YAML:
        return
    try:
        with folder.lock():
            folder.update(alias, registry.with_alias)
    except OSError as error:
        problem = f"{folder.path} cannot be written ({error}); jobs on this machine see the change later"
        print(f"technoshare: {problem}", file=sys.stderr)


def find_prompt(name: str, reference: str) -> Prompt:
    """The YAML of a prompt, or a version of the registry."""
    if reference == YAML:
        return load_prompt(name, load_settings().prompts_dir)
    return open_registry().version(name, reference).prompt
