"""From the mark to test cases: one for each example of the dataset that the mark selects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.errors import ConfigurationError, DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from technoshare_commentator.mlops.evaluation.dataset import Dataset, Example

_MARK_KEYWORDS = frozenset({"dataset", "schema", "where"})


def parametrize(
    metafunc: pytest.Metafunc, mark: pytest.Mark, case: Callable[[Dataset[Example], Example, Path], object]
) -> None:
    """Give a test function that uses `example` one `case` for each example that its mark selects."""
    _check_mark(metafunc, mark)
    if mark.kwargs.get("dataset") is None or "example" not in metafunc.fixturenames:
        return
    dataset, path = _load(metafunc, mark)
    wanted = mark.kwargs.get("where") or (lambda _: True)
    chosen = [example for example in dataset.examples if wanted(example)]
    marks = _Marks(metafunc.config, path)
    parameters = [
        pytest.param(case(dataset, example, path), id=example.id, marks=[marks[tag] for tag in example.tags])
        for example in chosen
    ]
    metafunc.parametrize("example", parameters, indirect=True)


def _check_mark(metafunc: pytest.Metafunc, mark: pytest.Mark) -> None:
    unknown = sorted(set(mark.kwargs) - _MARK_KEYWORDS)
    if unknown or mark.args:
        raise pytest.Collector.CollectError(
            f"{metafunc.definition.nodeid}: @pytest.mark.eval takes the keywords {sorted(_MARK_KEYWORDS)}, "
            f"not {unknown or list(mark.args)}; see 'pytest --markers'"
        )


def _load(metafunc: pytest.Metafunc, mark: pytest.Mark) -> tuple[Dataset[Example], Path]:
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
        return load_dataset(path, schema), path
    except (DatasetError, ConfigurationError) as error:
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
