from __future__ import annotations

from authored_page import authored_page, evidence_of
from technoshare_commentator.domain import GENERAL_THEME, Evidence, split_bullet
from technoshare_commentator.llm.extractive.candidates import find_candidates
from technoshare_commentator.llm.extractive.projects import MAX_BULLETS, project_bullets
from technoshare_commentator.prompts import ProjectContext, Theme, load_project_context

SOUP = (
    "Grandmother fried two onions slowly in butter until they were soft and sweet.",
    "The soup simmers for forty minutes with ripe tomatoes and a spoon of sugar.",
    "Families at the coast cook it on Sundays and serve it with warm bread.",
    "The flavour of the tomatoes is lost when a cook adds too much cream.",
)
SEARCH = Theme(
    name="Search",
    pains=("keyword search misses what users mean", "the index outgrows the memory of the machine"),
    stack=("vector search", "embeddings", "hybrid search", "index"),
    success_criteria=("recall is measured on real questions",),
    positioning="We make documents findable.",
)
SAILING = Theme(
    name="Sailing",
    pains=("the boat leaks",),
    stack=("rudder", "sail"),
    success_criteria=("the crew comes home dry",),
    positioning="We sail.",
)


def bullets(evidence: Evidence, context: ProjectContext) -> list[tuple[str, str]]:
    facts = find_candidates(evidence)
    found = project_bullets(facts, (), evidence, context)
    return [taken for bullet in found if (taken := split_bullet(bullet))]


def context(*themes: Theme) -> ProjectContext:
    return ProjectContext(description="A test team.", themes=themes)


def test_the_best_theme_comes_first_and_bullets_are_at_least_three() -> None:
    found = bullets(authored_page(), load_project_context())

    assert found[0][0] == "Retrieval & search"
    assert 3 <= len(found) <= MAX_BULLETS


def test_no_bullet_repeats_the_clause_or_the_quotation_of_another() -> None:
    actions = [action for _, action in bullets(authored_page(), load_project_context())]

    quotations = [action.split("\u201c")[1] for action in actions]
    moves = [action.split("\u201c")[0].rpartition(". ")[0] for action in actions]
    assert len(set(quotations)) == len(set(moves)) == len(actions)


def test_every_quotation_is_a_sentence_of_the_page() -> None:
    page = authored_page()

    for _, action in bullets(page, load_project_context()):
        quotation = action.split("\u201c")[1].removesuffix("\u201d")
        assert quotation in page.text


def test_an_action_names_a_pain_or_criterion_of_its_own_theme() -> None:
    found = bullets(authored_page(), context(SEARCH, SAILING))

    assert {theme for theme, _ in found} == {"Search"}
    for _, action in found:
        assert any(clause in action for clause in (*SEARCH.pains, *SEARCH.success_criteria))


def test_pains_written_as_sentences_read_well_inside_the_action() -> None:
    theme = SEARCH.model_copy(update={"pains": ("Keyword search misses what users mean.",), "success_criteria": ()})

    actions = " ".join(action for _, action in bullets(authored_page(), context(theme)))

    assert "keyword search misses what users mean. " in actions
    assert ".." not in actions


def test_a_page_that_fits_no_theme_gets_general_bullets() -> None:
    found = bullets(evidence_of(*SOUP, title="Tomato soup"), load_project_context())

    assert found
    assert {theme for theme, _ in found} == {GENERAL_THEME}


def test_a_context_without_themes_gives_general_bullets() -> None:
    assert {theme for theme, _ in bullets(authored_page(), context())} == {GENERAL_THEME}


def test_a_second_theme_is_a_loose_fit_only_when_a_sentence_names_its_tools() -> None:
    boats = SAILING.model_copy(update={"stack": ("streaming inserts", "rudder")})

    found = dict(bullets(authored_page(), context(SEARCH, boats)))

    assert found["Sailing"].startswith("A loose fit, worth a look for those of us who work with streaming inserts. ")
    assert "Version 3.0 adds streaming inserts" in found["Sailing"]
    assert "Sailing" not in dict(bullets(authored_page(), context(SEARCH, SAILING)))


def test_a_page_without_usable_sentences_gets_no_bullets() -> None:
    assert bullets(evidence_of("Nothing."), load_project_context()) == []


def test_fewer_sentences_give_fewer_bullets_and_never_the_same_twice() -> None:
    found = bullets(evidence_of("Marlstone is a vector search engine with an index of embeddings."), context(SEARCH))

    assert len(found) == 1
