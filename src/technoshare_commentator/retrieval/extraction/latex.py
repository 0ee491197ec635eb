"""TeX that stands in running text, turned into what a reader would say."""

# ruff: noqa: RUF001, RUF002 - look-alikes of ASCII letters are what the table below is about

from __future__ import annotations

import re

# Dollar signs are prices more often than formulas: only what holds a command, a script, or one bare symbol counts.
_INLINE = re.compile(r"\$\$?([^$\n]{1,200}?)\$\$?")
_FORMULA = re.compile(r"\\[A-Za-z%]|[\^_][{\w*+-]|^[A-Za-z]$|^[A-Za-z]\w?\s*[=<>]\s*[\d.]+$")
_PARENTHESISED = re.compile(r"\\[(\[](.{1,200}?)\\[)\]]", re.DOTALL)
_WRAPPER = re.compile(
    r"\\(?:emph|text(?:bf|it|tt|sc|sf|rm|normal)?|math(?:rm|bf|it|cal|bb|sf|tt|frak|scr)|operatorname|boldsymbol|bm"
    r"|mbox|underline|overline|hat|tilde|bar|vec|url)\*?\s*\{([^{}]*)\}"
)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_ROOT = re.compile(r"\\sqrt\s*\{([^{}]*)\}")
_REFERENCE = re.compile(r"~?\\(?:cite[tp]?|ref|eqref|label|footnote|href)\*?\s*(?:\[[^\]]{0,200}\])?\{[^{}]{0,500}\}")
_SCRIPT = re.compile(r"([\^_])\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)(?![A-Za-z])")
_ESCAPED = re.compile(r"\\([%&#_${}])")
_SPACING = re.compile(r"\\[,;:!> ]|\\q?quad|~")
_SYMBOLS = {
    "to": "→", "rightarrow": "→", "leftarrow": "←", "leftrightarrow": "↔", "mapsto": "↦", "Rightarrow": "⇒",
    "times": "×", "cdot": "·", "div": "÷", "pm": "±", "mp": "∓", "ast": "*", "star": "*", "circ": "°",
    "approx": "≈", "sim": "~", "simeq": "≃", "equiv": "≡", "neq": "≠", "ne": "≠", "propto": "∝",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "ll": "≪", "gg": "≫", "lt": "<", "gt": ">",
    "in": "∈", "notin": "∉", "subset": "⊂", "subseteq": "⊆", "cup": "∪", "cap": "∩", "setminus": "∖",
    "forall": "∀", "exists": "∃", "infty": "∞", "partial": "∂", "nabla": "∇", "sum": "∑", "prod": "∏", "int": "∫",
    "ldots": "…", "dots": "…", "cdots": "…", "ell": "ℓ", "prime": "′", "dagger": "†", "mid": "|", "vert": "|",
    "log": "log", "exp": "exp", "min": "min", "max": "max", "arg": "arg", "sup": "sup", "inf": "inf", "lim": "lim",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip


def readable_tex(text: str) -> str:
    """Replace inline formulas and the common text commands; text without TeX comes back unchanged."""
    if "$" not in text and "\\" not in text:
        return text
    text = _PARENTHESISED.sub(lambda match: formula(match.group(1)), text)
    text = _INLINE.sub(
        lambda match: formula(match.group(1)) if _FORMULA.search(match.group(1)) else match.group(), text
    )
    text = _WRAPPER.sub(r"\1", text)
    return _ESCAPED.sub(r"\1", _REFERENCE.sub("", text))


def formula(tex: str) -> str:
    r"""Return one formula in plain characters: `10^{-3}\times\alpha` becomes `10^-3×α`."""
    plain = _REFERENCE.sub("", tex)
    for _ in range(4):  # wrappers nest, seldom deeper than this; what is left keeps its braces
        plain = _WRAPPER.sub(r"\1", _FRACTION.sub(r"\1/\2", _ROOT.sub(r"√(\1)", _SCRIPT.sub(r"\1\2", plain))))
    plain = _ESCAPED.sub(r"\1", _SPACING.sub(" ", plain))
    plain = _COMMAND.sub(lambda match: _SYMBOLS.get(match.group(1), ""), plain)
    return plain.replace("{", "").replace("}", "").strip()
