from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.domain import Coverage, Evidence, Snippet
from technoshare_commentator.quality.grounding import Grounding, Passage, evidence_passages, ground
from technoshare_commentator.retrieval.frozen import evidence_from_file
from technoshare_commentator.sentences import split_sentences

if TYPE_CHECKING:
    from contract_case import Case

PAGES = sorted(page for page in Path(__file__).parents[5].joinpath("evals", "pages").iterdir() if page.is_file())


def page(*texts: str, **fields: object) -> Grounding:
    described = {
        "url": "https://a.example/x",
        "final_url": "https://a.example/x",
        "title": "",
        "adapter_name": "webpage",
    }
    snippets = tuple(Snippet(id=f"s{place}", text=text) for place, text in enumerate(texts, start=1))
    evidence = Evidence.model_validate({**described, "coverage": Coverage.FULL, "snippets": snippets, **fields})
    return Grounding(evidence_passages(evidence))


def unsupported(grounding: Grounding, sentence: str) -> list[str]:
    return [support.claim for support in grounding.supports(sentence) if support.snippet_id is None]


# Authored sentences in which every number and every name is marked, so that a test can change each of them in turn.
AUTHORED = (
    "[Pelican] [2.1] was released on {14} [May] {2024} and cut cold starts from {910 ms} to {45 ms}.",
    "The index of [Ferrograph] holds {3,400,000} vectors of {768} dimensions in {12 GB} of memory.",
    "On [MS-MARCO] the recall rose from {0.71} to {0.86}, while [Elasticsearch] stayed at {0.69}.",
    "The rewrite in [Zig] took [Halloway] {18 months} and cost {$2.5 million}.",
    "At [Northwind] the job moved {65%} of its traffic from [RabbitMQ] to [Pelican].",
    "It needs [CUDA] {12.4}, an [A100] with {80 GB} and the driver {550.54.15}.",
    "With [GPT-4o] the error fell by {37} points, with [Qwen2.5-7B] by {22}.",
    "The [Helm] chart starts {5} replicas and a [PgBouncer] pool of {250} connections.",
    "A crawl of {1.5M} pages costs {€320} on [Hetzner] machines.",
    "[pelican.toml] limits a batch to {64 KB} and a client to {9k} requests.",
)
PLAIN = tuple(re.sub(r"[\[\]{}]", "", sentence) for sentence in AUTHORED)
OTHER_NAMES = ("Kestrel", "Snowpipe", "X300", "Vega.js", "QUIC")


def mutations() -> list[str]:
    """Return every authored sentence with one of its numbers or names changed."""
    changed = []
    for sentence in AUTHORED:
        for place, number in enumerate(re.finditer(r"\{([^}]*)\}", sentence)):
            other = re.sub(
                r"\d",
                lambda digit, place=place: str((int(digit.group()) + 3 + place) % 9 + 1),
                number.group(1),
                count=1,
            )
            changed.append(sentence[: number.start()] + other + sentence[number.end() :])
        for place, name in enumerate(re.finditer(r"\[([^\]]*)\]", sentence)):
            other = OTHER_NAMES[place % len(OTHER_NAMES)]
            changed.append(sentence[: name.start()] + other + sentence[name.end() :])
    return [re.sub(r"[\[\]{}]", "", sentence) for sentence in changed]


@pytest.mark.parametrize("sentence", mutations())
def test_a_changed_number_or_a_swapped_name_is_caught(sentence: str) -> None:
    assert len(unsupported(page(*PLAIN), sentence)) == 1


def test_the_mutations_are_many() -> None:
    assert len(mutations()) >= 40


@pytest.mark.parametrize("sentence", PLAIN)
def test_the_same_sentence_in_other_words_is_supported(sentence: str) -> None:
    assert unsupported(page(*PLAIN), f"According to the page, {sentence}") == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_sentence_of_a_page_is_doubted_quoted_or_changed_a_little(path: Path) -> None:
    evidence = evidence_from_file(f"https://pages.example/{path.stem}", path)
    grounding = Grounding(evidence_passages(evidence))
    sentences = [sentence for snippet in evidence.snippets for sentence in split_sentences(snippet.text)]
    doubted = [(s, claims) for s in sentences if (claims := unsupported(grounding, s))]
    changed = [(s, claims) for s in sentences if (claims := unsupported(grounding, f"The page says that {s}"))]
    assert sentences
    assert doubted == []
    assert changed == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("It took 1,500 ms.", "The run took only 1.5 seconds."),
        ("It has 40k stars.", "The project has 40,000 stars."),
        ("Latency was 10 to 60 ms.", "Latency started at 10 ms."),
        ("| ms | 41 |", "The run took 41 ms."),
        ("It is twice as fast.", "It became 2x as fast."),
        ("It ran on Node.js.", "The server uses NodeJS today."),
        ("We use open telemetry.", "They adopted OpenTelemetry for this."),
        ("See PEP 703.", "The change follows PEP-703 closely."),
        ("GPUs are needed.", "The job needs a GPU."),
        ("It ran on Docker.", "The service was Dockerized."),
        ("It ran in Jan. 2024.", "The test ran in January 2024."),
        ("Published 2024-03-05.", "The post appeared on 5 March 2024."),
        ("It uses PyTorch.", "It is a PyTorch-based tool."),
        ("Redis and Valkey work.", "Both Redis/Valkey back ends work."),
        ("It needs 15+ cores.", "The tool needs 15 cores."),
    ],
)
def test_another_spelling_is_the_same_claim(text: str, sentence: str) -> None:
    assert unsupported(page(text), sentence) == []


PARAPHRASES = (
    "With version 2.4, the Larkspur queue moves its log from local disks to Amazon's S3.",
    "Brightwater Labs shipped v2.4 in March 2025 and kept the Apache licence.",
    "The Rust-based broker idles at 40MB, so S3-backed clusters stay small.",
    "Kafka-compatible clients connect unchanged, which makes a Kafka migration simple.",
    "Three brokers handled 1,200,000 messages a second in the authors' own tests.",
    "The p99 write latency dropped from 410ms in v2.3 to 38ms.",
    "Its storage bill shrank by 87 percent, while an idle broker wants 40 megabytes.",
    "Larkspur competes with Redpanda/WarpStream but brings its own metadata service.",
    "Teams can install it on Kubernetes or pair it with MinIO off the cloud.",
    "It exports OpenTelemetry metrics, rebalances in 2 seconds and wants 16+ partitions per topic.",
    "Ines Okafor's announcement admits that transactions are still missing.",
    "Developers who need an API for this can start from the README.",
)


@pytest.mark.parametrize("sentence", PARAPHRASES)
def test_a_faithful_sentence_in_other_words_is_not_doubted(good: Case, sentence: str) -> None:
    grounding = Grounding(evidence_passages(good.given.evidence))
    assert unsupported(grounding, sentence) == []


@pytest.mark.parametrize(
    ("text", "sentence", "claims"),
    [
        ("It took 40 ms.", "It took 40 s.", ["40 s"]),
        ("It fell by 40%.", "It took 40 ms.", ["40 ms"]),
        ("It costs 4.5 dollars.", "It costs 4.", ["4"]),
        ("It needs Python 3.10.", "It needs Python 3.1 here.", ["3.1"]),
        ("It has 7B parameters.", "It has 7M parameters.", ["7M"]),
        ("We asked GPT-4 and counted 5 errors.", "We asked GPT-5.", ["GPT-5"]),
        ("It is written in C++.", "It is written in C#.", ["C#"]),
        ("It is fast.", "It holds forty-two percent more.", ["forty-two percent"]),
    ],
)
def test_another_value_unit_or_version_is_another_claim(text: str, sentence: str, claims: list[str]) -> None:
    assert unsupported(page(text), sentence) == claims


def test_title_headings_metadata_and_addresses_support_names_too() -> None:
    grounding = page(
        "It is fast.",
        title="Introducing Corvid",
        url="https://github.com/heronworks/corvid",
        metadata={"author": "Ada Brandt", "stars": "812"},
        snippets=(Snippet(id="s1", text="It is fast.", section="Working with Parquet"),),
    )
    supports = grounding.supports("On GitHub the Corvid tool by Ada Brandt reads Parquet and has 812 stars.")
    assert {(one.claim, one.snippet_id) for one in supports} == {
        ("GitHub", "@url"),
        ("Corvid", "@title"),
        ("Ada", "@metadata"),
        ("Brandt", "@metadata"),
        ("Parquet", "@title"),
        ("812", "@metadata"),
    }


def test_a_quoted_sentence_is_supported_by_its_own_snippet() -> None:
    grounding = page("Redis is old.", "We use Redis 7 here.")
    assert {one.snippet_id for one in grounding.supports("We use  Redis 7\nhere.")} == {"s2"}


def test_a_claim_names_the_first_snippet_that_holds_it() -> None:
    grounding = page("Nothing.", "Redis is old.", "Redis 7 is new.")
    assert [(one.claim, one.kind, one.snippet_id) for one in grounding.supports("They chose Redis 7 at last.")] == [
        ("7", "number", "s3"),
        ("Redis", "name", "s2"),
    ]


def test_every_item_is_grounded_under_its_section_and_place(good: Case) -> None:
    given = good.given
    items = ground(given.commentary, given.evidence, given.context)
    counts = {section: len(items) for section, items in given.commentary}
    assert {section: sum(item.section == section for item in items) for section in counts} == counts
    assert all(support.snippet_id for item in items for support in item.supports)
    assert [item.place for item in items if item.section == "tldr"] == [1, 2, 3]


def test_a_project_bullet_may_draw_on_its_own_theme_only(good: Case) -> None:
    own = good.item("projects", 2, "**Cloud & observability** — Show it in Grafana with alerts after 5 minutes.")
    other = good.item("projects", 2, "**Data platforms** — Show it in Grafana with alerts after 5 minutes.")
    assert [one.snippet_id for one in own.given.grounded[-3].supports] == ["@theme", "@theme"]
    assert [one.snippet_id for one in other.given.grounded[-3].supports] == [None, None]


@pytest.mark.parametrize(
    ("name", "supported"),
    [("Redpanda", True), ("minio", True), ("Redpanda Cloud", False), ("Pulsar", False), ("**", False)],
)
def test_similar_technology_must_be_named_on_the_page(good: Case, name: str, *, supported: bool) -> None:
    case = good.items(similar_tech=(f"**{name}** — It ships a metadata service too.",))
    assert (case.given.grounded[-1].supports[0].snippet_id is not None) == supported


def test_hundreds_of_rounded_numbers_are_soon_found_among_thousands() -> None:
    page = Grounding((Passage("s1", " ".join(f"{number}.{number % 97} ms" for number in range(20_000))),))
    claims = " ".join(f"about {number}000 ms" for number in range(300))
    began = time.process_time()
    found = page.supports(claims)
    assert time.process_time() - began < 10
    assert len(found) == 300
    assert page.supports("It takes about 9990 ms.")[0].snippet_id == "s1"
    assert page.supports("It takes about 90000 ms.")[0].snippet_id is None


@pytest.mark.parametrize(
    "digits",
    ["9" * 5000, "9" * 1_100_000, "1e999", "1e-999", "0." + "0" * 400 + "1"],
    ids=["long", "huge", "large", "small", "tiny"],
)
def test_a_number_of_any_size_is_looked_for_without_a_crash(digits: str) -> None:
    page = Grounding((Passage("s1", f"It takes {digits} ms, or 12 ms."),))
    assert page.supports("It takes about 70 ms.")[0].snippet_id is None
    assert page.supports(f"About {digits}7 ms.")[0].snippet_id in {None, "s1"}
