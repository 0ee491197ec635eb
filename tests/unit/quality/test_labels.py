from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.domain import Coverage, Evidence, Snippet, format_bullet
from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.evaluation.scorer import Score
from technoshare_commentator.quality import scorers
from technoshare_commentator.quality.labels import Pair, Split, load_labels, result_of

if TYPE_CHECKING:
    from pathlib import Path

PAIR = {
    "id": "halyard-speed",
    "split": "dev",
    "label": "bad",
    "kind": "changed_figure",
    "why": "The page says 2 ms.",
    "snippets": ["Halyard answers in 2 ms. It is written in Zig."],
    "section": "summary",
    "item": "Halyard answers in 7 ms.",
}
PAGE = Evidence(
    url="https://a.example",
    final_url="https://a.example",
    title="A page",
    adapter_name="file",
    coverage=Coverage.FULL,
    snippets=(Snippet(id="s1", text="Tarn is small. It is fast."), Snippet(id="s2", text="It has no server.")),
)


def no_page(name: str) -> Evidence:
    raise AssertionError(f"nobody should read {name}")


def written(folder: Path, *pairs: Any, name: str = "faithfulness", judges: str = "faithfulness") -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"judges": judges, "description": "", "pairs": pairs}), encoding="utf-8")
    return path


def test_a_pair_becomes_a_result_that_holds_nothing_but_its_item() -> None:
    result = result_of(Pair.model_validate(PAIR), no_page)
    assert result.commentary is not None
    assert result.commentary.summary == ("Halyard answers in 7 ms.",)
    assert (result.commentary.tldr, result.commentary.projects, result.commentary.similar_tech) == ((), (), ())
    assert result.evidence is not None
    assert result.evidence.text == "Halyard answers in 2 ms. It is written in Zig."
    assert result.facts is not None
    assert [fact.text for fact in result.facts.facts] == ["Halyard answers in 2 ms.", "It is written in Zig."]


def test_a_pair_on_a_page_is_judged_on_what_was_read_of_it() -> None:
    asked: list[str] = []

    def read(name: str) -> Evidence:
        asked.append(name)
        return PAGE

    pair = Pair.model_validate({**PAIR, "snippets": [], "page": "a.html"})
    result = result_of(pair, read)
    assert asked == ["a.html"]
    assert result.evidence == PAGE
    assert result.facts is not None
    assert [fact.snippet_ids for fact in result.facts.facts] == [("s1",), ("s1",), ("s2",)]


def test_a_scorer_of_the_suite_reads_a_pair_like_any_result() -> None:
    said = scorers.numbers_supported(result_of(Pair.model_validate(PAIR), no_page))
    assert isinstance(said, Score)
    assert not said.passed
    assert "7 ms" in said.rationale


ITEMS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1).filter(
    lambda text: text == text.strip()
)


@settings(deadline=None)  # the first sentence brings the segmenter
@given(item=ITEMS, section=st.sampled_from(["tldr", "summary", "projects", "similar_tech"]), snippet=ITEMS)
def test_every_item_of_strangers_reaches_the_scorers(item: str, section: str, snippet: str) -> None:
    given_item = format_bullet("Theme", item) if section in {"projects", "similar_tech"} else item
    pair = Pair.model_validate({**PAIR, "section": section, "item": given_item, "snippets": [snippet]})
    result = result_of(pair, no_page)
    assert result.commentary is not None
    assert result.commentary.model_dump()[section] == (given_item,)
    for scorer in (scorers.numbers_supported, scorers.names_supported):
        assert isinstance(scorer(result), Score)


def test_pairs_are_picked_by_split(tmp_path: Path) -> None:
    labels = load_labels(written(tmp_path, PAIR, {**PAIR, "id": "another", "split": "test"}))
    assert [pair.id for pair in labels.of(Split.TEST)] == ["another"]
    assert [pair.id for pair in labels.of(None)] == ["halyard-speed", "another"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"label": "perfect"}, "pair 'halyard-speed', key 'label': Input should be 'good' or 'bad' (got 'perfect')"),
        ({"split": "train"}, "pair 'halyard-speed', key 'split': Input should be 'dev' or 'test' (got 'train')"),
        ({"page": "a.html"}, "pair 'halyard-speed', Value error, a pair has either page or snippets; give one of them"),
        ({"snippets": []}, "pair 'halyard-speed', Value error, a pair has either page or snippets; give one of them"),
        ({"snippets": [" "]}, "key 'snippets': Value error, a passage is empty; take it out (got [' '])"),
        ({"item": "two\nlines"}, "key 'item': Value error, it is one line without white space at its ends (got "),
        ({"section": "title"}, "key 'section': Input should be 'tldr', 'summary', 'projects' or 'similar_tech' (got "),
        (
            {"verdict": "bad"},
            "key 'verdict': Extra inputs are not permitted (got 'bad'); known keys: id, split, label,",
        ),
        ({"id": "Two Words"}, "pair 'Two Words', key 'id': String should match pattern"),
    ],
)
def test_a_mistake_in_a_pair_is_named(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DatasetError) as raised:
        load_labels(written(tmp_path, {**PAIR, **change}))
    assert f"labels {str(tmp_path / 'faithfulness.json')!r}: " in str(raised.value)
    assert complaint in str(raised.value)


def test_two_pairs_of_one_id_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="id 'halyard-speed' stands twice; every pair needs an id of its own"):
        load_labels(written(tmp_path, PAIR, PAIR))


def test_a_file_judges_what_it_is_called(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="key 'judges' is 'faithfulness'; it must be the file's name, 'relevance'"):
        load_labels(written(tmp_path, PAIR, name="relevance"))


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="do not exist; label some pairs, or name another file"):
        load_labels(tmp_path / "none.json")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match="are not valid JSON"):
        load_labels(tmp_path / "broken.json")
    with pytest.raises(DatasetError, match="cannot be read"):
        load_labels(tmp_path)
