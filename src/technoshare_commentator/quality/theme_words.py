"""Which of the team's themes the wording of an action speaks of, told by the words of the context file alone.

A word weighs more the fewer themes have it (inverse document frequency over the themes), and endings are taken off.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.vocabulary import FUNCTION_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from technoshare_commentator.prompts import ProjectContext

_WORD = re.compile(r"[a-z][a-z0-9+#.\-]*[a-z0-9+#]")
_SHORTEST = 3
_SHORTEST_STEM = 4
_ENDINGS = ("ations", "ation", "ings", "ing", "ions", "ion", "ies", "ers", "als", "ed", "es", "er", "al", "ly", "s")


def theme_weights(action: str, context: ProjectContext) -> Mapping[str, float]:
    """Return for each theme how much of its own vocabulary `action` uses; 0 where it uses none."""
    said = _stems(action)
    return {name: sum(weight for stem, weight in own.items() if stem in said) for name, own in _vocabularies(context)}


@lru_cache(maxsize=4)
def _vocabularies(context: ProjectContext) -> tuple[tuple[str, Mapping[str, float]], ...]:
    stems = {
        theme.name: _stems(
            " ".join((theme.name, *theme.pains, *theme.stack, *theme.success_criteria, theme.positioning))
        )
        for theme in context.themes
    }
    spread = Counter(stem for own in stems.values() for stem in own)
    return tuple(
        (name, {stem: math.log(len(stems) / spread[stem]) for stem in sorted(own)}) for name, own in stems.items()
    )


def _stems(text: str) -> frozenset[str]:
    words = (word for word in _WORD.findall(text.lower()) if len(word) >= _SHORTEST and word not in FUNCTION_WORDS)
    return frozenset(_stem(word) for word in words)


def _stem(word: str) -> str:
    endings = (end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _SHORTEST_STEM)
    return word.removesuffix(next(endings, ""))
