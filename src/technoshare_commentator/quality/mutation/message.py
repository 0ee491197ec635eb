"""The commentary is as good as before, but what Slack shows of it is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.domain import SECTION_SEPARATOR, SECTION_TITLES
from technoshare_commentator.quality.mutation.mutation import mutation, slack_text, with_slack_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from technoshare_commentator.domain import LinkResult

_MENTIONS = ("<!channel>", "<!here>", "<!everyone>", "<@U024BE7LH>", "<!subteam^S0123|admins>", "@here", "@channel")
_ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_SEPARATORS = ("\n\n", "\n", "\n\n\n\n", "\n---\n", " ")
_PAIR = 2


@mutation
def leaked_mention(result: LinkResult, rng: Random) -> LinkResult | None:
    """The message calls people of the workspace."""
    return _in_a_line(result, rng, lambda line: f"{line} {rng.choice(_MENTIONS)}")


@mutation
def lost_escape(result: LinkResult, rng: Random) -> LinkResult | None:
    """A character that acts in Slack is no longer escaped."""
    text = slack_text(result)
    found = list(re.finditer("&(?:amp|lt|gt);", text))
    if not found:
        return None
    escape = rng.choice(found)
    return with_slack_text(result, text[: escape.start()] + _ESCAPES[escape.group()] + text[escape.end() :])


@mutation
def markdown_in_slack(result: LinkResult, rng: Random) -> LinkResult | None:
    """The message holds Markdown, which Slack shows as it is."""
    forms = ("• **{}**", "• ## {}", "• [{}](https://example.org/page)", "• ```{}```", "### {}", "- {}", "1. {}")
    form = rng.choice(forms)
    return _in_a_line(result, rng, lambda line: form.format(line.removeprefix("• ")))


@mutation
def reordered_sections(result: LinkResult, rng: Random) -> LinkResult | None:
    """The sections of the message stand in another order, with their titles or without them."""
    sections = slack_text(result).split(SECTION_SEPARATOR)
    if len(sections) < _PAIR:
        return None
    one, two = rng.sample(range(len(sections)), _PAIR)
    exchanged = list(sections)
    exchanged[one], exchanged[two] = sections[two], sections[one]
    if rng.random() < 1 / 2:
        pairs = zip(sections, exchanged, strict=True)
        exchanged = ["\n".join((old.partition("\n")[0], new.partition("\n")[2])) for old, new in pairs]
    return with_slack_text(result, SECTION_SEPARATOR.join(exchanged))


@mutation
def section_missing_in_slack(result: LinkResult, rng: Random) -> LinkResult | None:
    """The message leaves out a section of the commentary."""
    sections = slack_text(result).split(SECTION_SEPARATOR)
    del sections[rng.randrange(len(sections))]
    return with_slack_text(result, SECTION_SEPARATOR.join(sections))


@mutation
def item_lost_in_slack(result: LinkResult, rng: Random) -> LinkResult | None:
    """The message shows one item twice and leaves out another, or shows it in part."""
    lines = slack_text(result).split("\n")
    bullets = [place for place, line in enumerate(lines) if line.startswith("• ")]
    if len(bullets) < _PAIR:
        return None
    source, target = rng.sample(bullets, _PAIR)
    half = lines[target][: max(3, len(lines[target]) // 2)]
    lines[target] = rng.choice((lines[source], half))
    return with_slack_text(result, "\n".join(lines))


@mutation
def title_lost(result: LinkResult, rng: Random) -> LinkResult | None:
    """The title of a section is gone, not bold or another one."""
    title = rng.choice(SECTION_TITLES)
    other = rng.choice(("", f"{title}\n", f"**{title}**\n", f"*{title}:*\n", "*Overview*\n"))
    return with_slack_text(result, slack_text(result).replace(f"*{title}*\n", other, 1))


@mutation
def sections_run_together(result: LinkResult, rng: Random) -> LinkResult | None:
    """There are not two blank lines between two sections."""
    sections = slack_text(result).split(SECTION_SEPARATOR)
    if len(sections) < _PAIR:
        return None
    place = rng.randrange(1, len(sections))
    before, after = SECTION_SEPARATOR.join(sections[:place]), SECTION_SEPARATOR.join(sections[place:])
    return with_slack_text(result, f"{before}{rng.choice(_SEPARATORS)}{after}")


@mutation
def truncated_message(result: LinkResult, rng: Random) -> LinkResult | None:
    """The message breaks off before its end."""
    text = slack_text(result)
    return with_slack_text(result, text[: rng.randrange(len(text) // 3, max(len(text) - 1, len(text) // 3 + 1))])


def _in_a_line(result: LinkResult, rng: Random, change: Callable[[str], str]) -> LinkResult | None:
    lines = slack_text(result).split("\n")
    bullets = [place for place, line in enumerate(lines) if line.startswith("• ")]
    if not bullets:
        return None
    place = rng.choice(bullets)
    lines[place] = change(lines[place])
    return with_slack_text(result, "\n".join(lines))
