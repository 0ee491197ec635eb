from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.retrieval.extraction.latex import formula, readable_tex


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        ("words $\\to$ images", "words \u2192 images"),
        ("a $2\\times$ speedup", "a 2\u00d7 speedup"),
        ("errors of $10^{-3}$", "errors of 10^-3"),
        ("for $\\epsilon > 0$", "for \u03b5 > 0"),
        ("in $\\mathcal{O}(n \\log n)$ time", "in O(n log n) time"),
        ("rate $\\frac{a}{b}$ and $\\sqrt{d}$", "rate a/b and \u221a(d)"),
        ("of $n$ tokens", "of n tokens"),
        ("with $k=10$", "with k=10"),
        ("$\\lambda_{\\text{max}}$ is", "\u03bb_max is"),
        ("we \\emph{really} mean \\textbf{it}", "we really mean it"),
        ("90\\% of R\\&D", "90% of R&D"),
        ("as shown~\\cite{lind2026,ek2025} before", "as shown before"),
        ("\\(x^2\\) and \\[y\\]", "x^2 and y"),
        ("it costs $5 or $6 a month", "it costs $5 or $6 a month"),
        ("from $1,000 to $2,000", "from $1,000 to $2,000"),
        ("echo $HOME and $PATH", "echo $HOME and $PATH"),
        ("C:\\Users\\name", "C:\\Users\\name"),
    ],
)
def test_formulas_become_readable_and_prices_stay(tex: str, text: str) -> None:
    assert readable_tex(tex) == text


def test_nested_wrappers_are_taken_off() -> None:
    assert formula("\\mathbf{\\hat{x}}_{\\text{new}}") == "x_new"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="$\\{}()[]^_ abftox1~%", max_size=80))
def test_any_tex_like_text_is_survived(text: str) -> None:
    assert isinstance(readable_tex(text), str)
