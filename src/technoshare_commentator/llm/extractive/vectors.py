"""Texts as TF-IDF vectors: the terms that count, and how alike two texts are."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.float64]

_TERM = re.compile(r"[^\W\d_][\w+#]*(?:[.\-][^\W_][\w+#]*)*")
_MIN_STEM = 4
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", ""))
_MEANT = frozenset({"system", "computer"})  # stop words of other fields
_EMPTY = word_set("use used using uses like just new make makes")


def terms(text: str) -> list[str]:
    """Return the words of `text` that carry meaning, in lower case, without the endings of plural and tense."""
    ignored = _stop_words()
    words = (word.lower() for word in _TERM.findall(text))
    return [_stem(word) for word in words if len(word) > 1 and word not in ignored]


def similarities(texts: Sequence[str], others: Sequence[str] | None = None) -> Matrix:
    """Return the cosine (0 to 1) of each of `texts` with each of `others`, or of `texts` with one another.

    The weights of terms come from all texts together. A text without terms is unlike every text.
    """
    import numpy as np  # noqa: PLC0415 - importing the package stays cheap
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - takes a second to import

    fitted = [*texts, *(others or ())]
    if not any(terms(text) for text in fitted):
        return np.zeros((len(texts), len(texts if others is None else others)))
    rows = TfidfVectorizer(analyzer=terms, sublinear_tf=True).fit_transform(fitted)
    left = rows[: len(texts)]
    right = left if others is None else rows[len(texts) :]
    return np.asarray((left @ right.T).todense(), dtype=np.float64)


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: PLC0415 - takes a second to import

    return frozenset(ENGLISH_STOP_WORDS) - _MEANT | _EMPTY


def _stem(word: str) -> str:
    """Cut plural and tense, so that `metrics` meets `metric`, and `caching` `cached`; the rest need not be a word."""
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM - len(replacement):
            return word if word.endswith("ss") else word[: -len(ending)] + replacement
    return word
