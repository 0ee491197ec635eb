from __future__ import annotations

import pytest

from walkthrough import Command, File, first_difference, read_page

PAGE = """
# Title

**`a.py`**

```python
## no heading
x = 1
```

## Running

An aside that is no file:

```sh
export X=1
```

```console
$ pytest -q
…
1 passed in 0.10s
$ echo $?
0
```
"""


def test_a_page_is_chapters_of_files_and_commands() -> None:
    opening, running = read_page(PAGE)
    assert opening.steps == [File("a.py", "## no heading\nx = 1\n")]
    assert running.title == "Running"
    assert running.steps == [Command("pytest -q", ["…", "1 passed in 0.10s"]), Command("echo $?", ["0"])]
    assert running.files == []


@pytest.mark.parametrize(
    ("shown", "printed", "difference"),
    [
        (["a", "b"], ["a", "", "  b"], None),
        (["a", "…", "c"], ["a", "b", "c"], None),
        (["…", "c", "…"], ["a", "c", "d"], None),
        (["…"], [], None),
        (["a 1.25 s  x", "tr-" + "0" * 32], ["a 0.5 s x", "tr-" + "1" * 32], None),
        (["a", "b"], ["a", "x", "b"], "b"),
        (["a", "…", "c"], ["x", "a", "c"], "a"),
        (["…", "b"], ["a"], "b"),
        (["…", "b", "…", "a"], ["a", "b"], "a"),
        (["75.0%"], ["62.5%"], "75.0%"),
        (["a"], ["a", "b"], "the end, but there is more: b"),
    ],
)
def test_what_a_page_shows_was_printed_in_that_order_and_nothing_between_without_a_gap(
    shown: list[str], printed: list[str], difference: str | None
) -> None:
    assert first_difference(shown, printed) == difference
