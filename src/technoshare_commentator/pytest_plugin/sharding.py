"""Parts of a suite for several machines: whole examples, as many to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from technoshare_commentator.pytest_plugin.case import Case
    from technoshare_commentator.pytest_plugin.options import Shard


def keep_shard(
    config: pytest.Config, items: list[pytest.Item], shard: Shard, case_of: Callable[[pytest.Item], Case | None]
) -> None:
    """Deselect what other shards run: examples are dealt in turn, and every other test counts as one of its own.

    All variants and trials of an example stay together, so that each shard can compare them by itself. They are dealt
    by name: another plugin may have put the tests into an order that is different on each machine.
    """
    names = [case.case_id if (case := case_of(item)) else item.nodeid for item in items]
    turns = {name: turn for turn, name in enumerate(sorted(set(names)))}
    mine: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item, name in zip(items, names, strict=True):
        (mine if turns[name] % shard.count == shard.number - 1 else others).append(item)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = mine
