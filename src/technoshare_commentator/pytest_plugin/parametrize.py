"""From the mark to test cases: one for each example that the mark selects, under each variant, for each trial."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from technoshare_commentator.mlops.evaluation.dataset import Dataset, Example
    from technoshare_commentator.mlops.evaluation.variants import Variant

_MARK_KEYWORDS = frozenset({"dataset", "schema", "where"})


@dataclass(frozen=True)
class Source:
    """Where an example comes from."""

    dataset: Dataset[Example]
    path: Path


@dataclass(frozen=True)
class Plan:
    """What every example is run under, and how often; `named` says whether ids of tests name the variant."""

    variants: Sequence[Variant]
    trials: int
    named: bool

    def ways(self) -> Iterator[tuple[Variant, int, str]]:
        """Each variant and trial with what they add to a test's id."""
        for variant in self.variants:
            for trial in range(1, self.trials + 1):
                named = f"-{variant.name}" if self.named else ""
                yield variant, trial, named + (f"-t{trial}" if self.trials > 1 else "")


def parametrize(
    metafunc: pytest.Metafunc,
    mark: pytest.Mark,
    plan: Callable[[], Plan],
    case: Callable[[Source, Example, Variant, int, str], object],
) -> None:
    """Give a test function that uses `example` one `case` for each example that its mark selects, in each way."""
    _check_mark(metafunc, mark)
    if mark.kwargs.get("dataset") is None or "example" not in metafunc.fixturenames:
        return
    source = _load(metafunc, mark)
    wanted = mark.kwargs.get("where") or (lambda _: True)
    marks = _Marks(metafunc.config, source.path)
    ways = list(plan().ways())
    parameters = [
        pytest.param(
            case(source, example, variant, trial, suffix),
            id=example.id + suffix,
            marks=[marks[tag] for tag in example.tags],
        )
        for example in source.dataset.examples
        if wanted(example)
        for variant, trial, suffix in ways
    ]
    metafunc.parametrize("example", parameters, indirect=True)


def _check_mark(metafunc: pytest.Metafunc, mark: pytest.Mark) -> None:
    unknown = sorted(set(mark.kwargs) - _MARK_KEYWORDS)
    if unknown or mark.args:
        raise pytest.Collector.CollectError(
            f"{metafunc.definition.nodeid}: @pytest.mark.eval takes the keywords {sorted(_MARK_KEYWORDS)}, "
            f"not {unknown or list(mark.args)}; see 'pytest --markers'"
        )


def _load(metafunc: pytest.Metafunc, mark: pytest.Mark) -> Source:
    from technoshare_commentator.mlops.evaluation.dataset import (  # noqa: PLC0415 - only eval tests pay for it
        AnyExample,
        Example,
        load_dataset,
    )

    schema = mark.kwargs.get("schema") or AnyExample
    if not (isinstance(schema, type) and issubclass(schema, Example)):
        raise pytest.Collector.CollectError(
            f"{metafunc.definition.nodeid}: schema={schema!r} is no subclass of "
            "technoshare_commentator.mlops.evaluation.dataset.Example"
        )
    path = Path(metafunc.definition.path.parent, mark.kwargs["dataset"]).resolve()
    try:
        return Source(load_dataset(path, schema), path)
    except ConfigurationError as error:
        raise pytest.Collector.CollectError(str(error)) from error


class _Marks(dict[str, pytest.MarkDecorator]):
    """Tags as pytest marks; one that a plugin gives a meaning of its own is refused."""

    def __init__(self, config: pytest.Config, dataset: Path) -> None:
        super().__init__()
        self._config = config
        self._dataset = dataset
        self._known = {line.partition(":")[0].strip() for line in config.getini("markers")}

    def __missing__(self, tag: str) -> pytest.MarkDecorator:
        meaning = next((known for known in self._known if known.startswith(f"{tag}(")), "")
        if meaning:
            raise pytest.Collector.CollectError(
                f"dataset {str(self._dataset)!r}: tag {tag!r} is a mark that does something, {meaning}; "
                "use another word ('pytest --markers' lists those that are taken)"
            )
        if tag not in self._known:
            self._config.addinivalue_line("markers", f"{tag}: eval examples with this tag")
        self[tag] = getattr(pytest.mark, tag)
        return self[tag]
