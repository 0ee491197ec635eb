from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_case import theme
from technoshare_commentator.quality.rules import similar_tech_format, theme_fits, theme_known, theme_prefix

if TYPE_CHECKING:
    from contract_case import Case

SENTENCE = "It ships its own metadata service."


def bullets(count: int) -> tuple[str, ...]:
    return tuple(f"**Data platforms** — Try step number {place} of it." for place in range(count))


@pytest.mark.parametrize(("count", "kept"), [(0, False), (2, False), (3, True), (8, True), (9, False)])
def test_there_are_three_to_eight_project_bullets(good: Case, count: int, *, kept: bool) -> None:
    assert (good.items(projects=bullets(count)).breaks(theme_prefix) == []) == kept


@pytest.mark.parametrize(
    "bullet",
    [
        "Data platforms — Try it on one topic.",
        "*Data platforms* — Try it on one topic.",
        "**Data platforms** - Try it on one topic.",
        "**Data platforms**: Try it on one topic.",
        "**Data platforms** —Try it on one topic.",
        "**** — Try it on one topic.",
        "** ** — Try it on one topic.",
        "**Data** and **platforms** — Try it on one topic.",
        "- **Data platforms** — Try it on one topic.",
        "**Data platforms** — ",
        "",
    ],
)
def test_a_project_bullet_of_another_form_is_named_with_its_place(good: Case, bullet: str) -> None:
    [failure] = good.item("projects", 2, bullet).breaks(theme_prefix)
    assert failure.startswith("project bullet 2 is not of the form '**Theme** — action': ")


def test_a_project_bullet_says_what_to_do(good: Case) -> None:
    [failure] = good.item("projects", 1, "**Data platforms** — Relevant.").breaks(theme_prefix)
    assert "names no action: '**Data platforms** — Relevant.'" in failure


def test_an_unknown_theme_is_named_with_the_nearest_known_one(good: Case) -> None:
    case = good.item("projects", 3, "**Data platform** — Read the release notes first.")
    assert case.breaks(theme_known) == [
        "project bullet 3 has the unknown theme 'Data platform'; did you mean 'Data platforms'?"
    ]


def test_a_theme_unlike_any_other_is_answered_with_the_list(good: Case) -> None:
    [failure] = good.item("projects", 3, "**Quux** — Read the release notes first.").breaks(theme_known)
    assert failure.endswith("the context file names Data platforms, Cloud & observability")


def test_at_least_two_bullets_are_on_themes_of_the_team(good: Case) -> None:
    [failure] = good.item("projects", 1, "**General** — Try it where volumes are dear.").breaks(theme_known)
    assert failure == "there is 1 project bullet on a theme of the context file; at least 2 are wanted"


def test_a_context_without_themes_leaves_general_alone(good: Case) -> None:
    general = tuple(bullet.replace("Data platforms", "General") for bullet in bullets(3))
    assert good.themes().items(projects=general).breaks(theme_known) == []
    [failure, *_] = good.themes().items(projects=bullets(3)).breaks(theme_known)
    assert failure.endswith("the context file names none")


def test_general_stays_general_when_a_theme_has_that_name_too(good: Case) -> None:
    case = good.themes(theme("General")).items(
        projects=tuple(b.replace("Data platforms", "General") for b in bullets(3))
    )
    assert case.breaks(theme_known) == []


def test_an_action_is_not_repeated_under_the_same_or_another_theme(good: Case) -> None:
    action = good.given.commentary.projects[0].split(" — ")[1]
    [failure] = good.item("projects", 3, f"**General** — {action.upper()}").breaks(theme_known)
    assert failure.startswith("project bullet 3 repeats the action of 1: 'TRY LARKSPUR")


def test_places_count_every_bullet_even_a_malformed_one(good: Case) -> None:
    case = good.item("projects", 1, "no bullet").item("projects", 3, "**Quux** — Read the release notes first.")
    assert case.breaks(theme_known)[0].startswith("project bullet 3 has the unknown theme")


@pytest.mark.parametrize("count", [0, 1, 8])
def test_up_to_eight_similar_technologies_are_allowed(good: Case, count: int) -> None:
    items = tuple(f"**Tool {place}** — {SENTENCE}" for place in range(count))
    assert good.items(similar_tech=items).breaks(similar_tech_format) == []


@pytest.mark.parametrize(
    ("bullet", "reason"),
    [
        ("Redpanda — It ships its own metadata service.", "is not of the form '**Name** — one sentence'"),
        ("**Redpanda** — It is fast. It is also cheap.", "holds 2 sentences: 'It is fast. It is also cheap.'"),
        ("**Redpanda** — A queue", "has fewer than 4 words"),
        ("**Redpanda** — It ships its own metadata service", "does not end"),
    ],
)
def test_similar_technology_is_a_name_and_one_sentence(good: Case, bullet: str, reason: str) -> None:
    [failure] = good.items(similar_tech=(bullet,)).breaks(similar_tech_format)
    assert reason in failure


def test_nine_similar_technologies_are_too_many_and_no_name_comes_twice(good: Case) -> None:
    items = tuple(f"**Tool {place}** — {SENTENCE}" for place in range(8))
    count, twice = good.items(similar_tech=(*items, f"**tool 3** — {SENTENCE}")).breaks(similar_tech_format)
    assert count == "there are 9 bullets of similar technology; at most 8 are wanted"
    assert twice.startswith("similar technology 9 repeats the name of 4: 'tool 3'")


@pytest.mark.parametrize(
    "vague",
    [
        "This could be useful for our projects.",
        "Consider using it in future projects.",
        "We should take a look at this.",
        "Check whether it helps the team.",
        "Larkspur could be useful for several of our data platforms.",
        "Interesting approach that is worth a look for our clients.",
    ],
)
def test_an_action_that_would_fit_every_page_is_none(good: Case, vague: str) -> None:
    [failure] = good.item("projects", 1, f"**Data platforms** — {vague}").breaks(theme_prefix)
    assert "would fit every page" in failure


@pytest.mark.parametrize(
    ("action", "fault"),
    [
        ("Try Larkspur where attached volumes make Kafka expensive to", "does not end with a full stop"),
        ("Try Larkspur where attached volumes make Kafka expensive…", "does not end with a full stop"),
        ("Try Larkspur where (attached volumes make Kafka expensive.", "leaves a bracket or quotation mark open"),
    ],
)
def test_an_action_that_breaks_off_is_told(good: Case, action: str, fault: str) -> None:
    [failure] = good.item("projects", 1, f"**Data platforms** — {action}").breaks(theme_prefix)
    assert fault in failure


def themed(good: Case) -> Case:
    return good.themes(
        theme("Data platforms", pains=("queries scan the warehouse", "batch jobs and pipelines take the night")),
        theme("Security", pains=("credentials and secrets leak", "auditors ask for permissions and policies")),
        theme("Multimodal AI", pains=("scanned documents and drawings hold the data", "speech, images and video")),
        theme("AI agents", pains=("agents loop through tools", "a workflow loses its state")),
    )


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("Security", "Move the nightly batch jobs and pipelines of the warehouse to it."),
        ("Data platforms", "Let auditors read the permissions and policies, and rotate leaked credentials."),
    ],
)
def test_an_action_that_speaks_of_another_theme_stands_under_the_wrong_one(good: Case, name: str, action: str) -> None:
    [failure] = themed(good).item("projects", 1, f"**{name}** — {action}").breaks(theme_fits)
    assert f"project bullet 1 stands under {name!r} and speaks of " in failure


@pytest.mark.parametrize(
    "bullet",
    [
        "**Data platforms** — Move the nightly batch jobs and pipelines of the warehouse to it.",
        "**Security** — Check which credentials the batch pipelines of the warehouse hold, and which policies apply.",
        "**Security** — Read it before the next meeting about brokers.",
        "**General** — Move the nightly batch jobs and pipelines of the warehouse to it.",
        "**Security** — Rotate what it leaks: \u201cbatch jobs and pipelines and queries scan the warehouse\u201d.",
        "no bullet",
    ],
)
def test_an_action_of_its_own_theme_of_two_or_of_none_is_fine(good: Case, bullet: str) -> None:
    assert themed(good).item("projects", 1, bullet).breaks(theme_fits) == []


def test_without_themes_no_bullet_is_under_a_wrong_one(good: Case) -> None:
    assert good.themes().breaks(theme_fits) == []
