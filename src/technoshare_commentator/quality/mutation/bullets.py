"""Bullets that lose their form, their theme or their point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.domain import GENERAL_THEME, format_bullet, split_bullet
from technoshare_commentator.quality.mutation import words
from technoshare_commentator.quality.mutation.mutation import (
    Mutation,
    edited,
    edited_bullet,
    items_of,
    mutation,
    with_items,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from technoshare_commentator.domain import LinkResult

_INVENTED = (
    "Innovation",
    "Blockchain & Web3",
    "Digital transformation",
    "Machine learning",
    "Productivity",
    "Theme",
    "Page",
)


def wrong_theme(themes: Sequence[str]) -> Mutation:
    """Make the mutation that puts a bullet under another theme of the team's own."""

    def wrong_theme(result: LinkResult, rng: Random) -> LinkResult | None:
        """A project bullet stands under another of the team's themes."""

        def change(bullet: str, dice: Random) -> str | None:
            name, action = split_bullet(bullet) or ("", "")
            others = [theme for theme in themes if theme != name]
            return format_bullet(dice.choice(others), action) if name in themes and others else None

        return edited_bullet(result, rng, change)

    return mutation(wrong_theme)


def invented_theme(themes: Sequence[str]) -> Mutation:
    """Make the mutation that puts a bullet under a theme that is none of the team's own."""
    strangers = [theme for theme in _INVENTED if theme not in themes]

    def invented_theme(result: LinkResult, rng: Random) -> LinkResult | None:
        """A project bullet stands under a theme that the team does not have."""
        return edited_bullet(result, rng, lambda bullet, dice: format_bullet(dice.choice(strangers), _text(bullet)))

    return mutation(invented_theme)


@mutation
def general_themes(result: LinkResult, rng: Random) -> LinkResult | None:
    """Every project bullet stands under General."""
    del rng
    return with_items(
        result, projects=[format_bullet(GENERAL_THEME, _text(one)) for one in items_of(result, "projects")]
    )


@mutation
def lost_bold(result: LinkResult, rng: Random) -> LinkResult | None:
    """The name of a bullet is no longer bold."""
    marks = ("{}", "*{}*", "**{}", "`{}`")

    def change(bullet: str, dice: Random) -> str | None:
        name, text = split_bullet(bullet) or ("", "")
        return f"{dice.choice(marks).format(name)} — {text}" if name else None

    return edited(result, rng, change, ("projects", "similar_tech"))


@mutation
def lost_separator(result: LinkResult, rng: Random) -> LinkResult | None:
    """Something else than a dash stands between name and text of a bullet."""

    def change(bullet: str, dice: Random) -> str | None:
        name, text = split_bullet(bullet) or ("", "")
        return f"**{name}**{dice.choice((': ', ' - ', ' ', '—'))}{text}" if name else None

    return edited(result, rng, change, ("projects", "similar_tech"))


@mutation
def bullet_without_action(result: LinkResult, rng: Random) -> LinkResult | None:
    """A project bullet says nothing that anybody could do."""
    nothing = rng.choice(("", " ", " Yes.", " See above."))
    return edited_bullet(result, rng, lambda bullet, _: f"**{_name(bullet)}** —{nothing}")


@mutation
def vague_action(result: LinkResult, rng: Random) -> LinkResult | None:
    """A project bullet says what could be said of every page."""
    vague = rng.choice(words.VAGUE_ACTIONS)
    return edited_bullet(result, rng, lambda bullet, _: format_bullet(_name(bullet), vague))


@mutation
def repeated_action(result: LinkResult, rng: Random) -> LinkResult | None:
    """Two project bullets ask for the same."""
    bullets = list(items_of(result, "projects"))
    whole = [place for place, bullet in enumerate(bullets) if split_bullet(bullet)]
    if len(whole) < 2:  # noqa: PLR2004 - a pair
        return None
    source, target = rng.sample(whole, 2)
    bullets[target] = format_bullet(_name(bullets[target]), _text(bullets[source]))
    return with_items(result, projects=bullets)


def _name(bullet: str) -> str:
    return (split_bullet(bullet) or ("", ""))[0]


def _text(bullet: str) -> str:
    return (split_bullet(bullet) or ("", bullet))[1]
