"""Parts of a suite for several machines: whole examples, as many to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from technoshare_commentator.pytest_plugin.cases import Case
    from technoshare_commentator.pytest_plugin.options import Shard


def keep_shard(
    config: pytest.Config, items: list[pytest.Item], shard: Shard, case_of: Callable[[pytest.Item], Case | None]
) -> None:
    """Deselect what other shards run: examples are dealt in turn, and every other test counts as one of its own.

    All variants and trials of an example stay together, so that each shard can compare them by itself.
    """
    dealt: dict[str, int] = {}
    for item in items:
        case = case_of(item)
        dealt.setdefault(case.case_id if case else item.nodeid, len(dealt))
    mine: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        case = case_of(item)
        turn = dealt[case.case_id if case else item.nodeid]
        (mine if turn % shard.count == shard.number - 1 else others).append(item)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = mine
