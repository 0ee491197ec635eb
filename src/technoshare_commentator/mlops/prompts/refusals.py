"""What the registry says when it has not what is asked for, and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.mlops.prompts.stored import CANDIDATE

if TYPE_CHECKING:
    from technoshare_commentator.mlops.prompts.stored import RegisteredPrompt


def no_version(prompt: RegisteredPrompt, number: int) -> str:
    """Of a version that there is not."""
    return (
        f"the prompt {prompt.name!r} has no version {number}; the latest is {prompt.latest}; "
        "'technoshare prompts list' shows what there is"
    )


def no_way_back(prompt: RegisteredPrompt, alias: str) -> str:
    """Of an alias that cannot be rolled back."""
    if alias == CANDIDATE:
        return f"{alias!r} follows the YAML: turn {prompt.name}.yaml back and run technoshare prompts sync"
    if alias not in prompt.aliases:
        return f"the prompt {prompt.name!r} has no alias {alias!r}; it has {', '.join(prompt.aliases) or 'none'}"
    return (
        f"{alias!r} of the prompt {prompt.name!r} was nowhere else than at version {prompt.aliases[alias]}; move it "
        f"yourself: technoshare prompts promote {prompt.name} --version N --to {alias}"
    )
