"""Parts of a suite: together they are all of it, and nothing is in two of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.pytest_plugin.options import Shard
from technoshare_commentator.pytest_plugin.sharding import keep_shard

if TYPE_CHECKING:
    import random


@dataclass(frozen=True)
class Item:
    """A test; one without a case is no eval."""

    nodeid: str
    case_id: str = ""


@dataclass
class Config:
    """Hears which tests are left out."""

    left_out: list[Item] = field(default_factory=list)

    def _leave_out(self, items: list[Item]) -> None:
        self.left_out += items

    @property
    def hook(self) -> Any:
        return SimpleNamespace(pytest_deselected=self._leave_out)


def suite(examples: int, ways: int, tests: int, ordinary: int) -> list[Item]:
    cases = [
        Item(f"test_{test}[e{example}-v{way}]", f"words/e{example}")
        for test in range(tests)
        for example in range(examples)
        for way in range(ways)
    ]
    return cases + [Item(f"test_ordinary_{number}") for number in range(ordinary)]


def part(items: list[Item], number: int, count: int) -> tuple[list[Item], list[Item]]:
    config: Any = Config()
    mine: list[Any] = list(items)
    case_of: Any = lambda item: item if item.case_id else None  # noqa: E731 - of any type, or mypy looks for pytest's
    keep_shard(config, mine, Shard(number, count), case_of)
    return mine, config.left_out


SUITES = st.builds(suite, st.integers(0, 12), st.integers(1, 3), st.integers(1, 3), st.integers(0, 4))


@given(SUITES, st.integers(1, 6), st.randoms(use_true_random=False))
def test_every_test_is_in_one_part_whatever_order_each_machine_has_them_in(
    items: list[Item], count: int, order: random.Random
) -> None:
    parts = []
    for number in range(1, count + 1):
        there = order.sample(items, len(items))
        mine, others = part(there, number, count)
        assert [item for item in there if item in mine] == mine  # in the order they had
        assert Counter(mine + others) == Counter(items)
        parts.append(mine)
    assert Counter(item for one in parts for item in one) == Counter(items)


@given(SUITES, st.integers(1, 6))
def test_an_example_is_whole_in_its_part_and_all_parts_have_as_many(items: list[Item], count: int) -> None:
    parts = [part(items, number, count)[0] for number in range(1, count + 1)]
    sizes = [len({item.case_id or item.nodeid for item in mine}) for mine in parts]
    assert max(sizes) - min(sizes) <= 1
    homes = {(item.case_id or item.nodeid, number) for number, mine in enumerate(parts) for item in mine}
    assert len(homes) == len({name for name, _ in homes})


def test_where_nothing_is_left_out_nobody_is_told_of_it() -> None:
    items = suite(3, 1, 1, 0)
    mine, others = part(items, 1, 1)
    assert (mine, others) == (items, [])
