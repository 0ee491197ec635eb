from __future__ import annotations

import pytest

from technoshare_commentator.llm.extractive.quotable import fault, is_english, leans_on_the_one_before, weight

GOOD = (
    "Tarn is a search library that runs inside your process and keeps its index in a single file.",
    "A cluster of three brokers sustained 1.2 million messages per second in our tests.",
    "LLM inference consists of two distinct phases: prefill and decode.",
    "The `--resume` flag of `tarn build` continues from the last finished segment.",
    "Recall fell below four percent of the target once the filter let through fewer documents.",
    "Requests that arrive close together are encoded as one batch.",
    "etcd 3.4.3 lived up to its claims for key-value operations during network partitions.",
    "The schedulers subscribe to the partitions of the log that they own.",
)


@pytest.mark.parametrize("sentence", GOOD)
def test_a_sentence_that_states_something_may_be_quoted(sentence: str) -> None:
    assert fault(sentence) == ""
    assert weight(sentence) >= 0.8


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Too short a thing.", "words"),
        ("Words " + "upon words " * 30 + "end here.", "characters|words"),
        ("A" + "n extraordinarilylongword" * 20 + " is here and goes on.", "characters"),
        ("How do you know whether an answer got better?", "question"),
        ("See Figure 3 for the throughput of all engines.", "reading"),
        ("Throughput grows with the batch size, as shown in Figure 3.", "points"),
        ("The results in Table 2 were measured on eight cores.", "points"),
        ("The code is available here for everybody to read.", "points"),
        ("As mentioned above, the index is kept in memory.", "points"),
        ("In this post we describe how the index is built.", "reading|points"),
        ("The following example creates an index with two segments.", "points"),
        ("Read more about the design of the storage layer.", "reading"),
        ("You can learn more about it in the handbook of the project.", "points"),
        ("Subscribe to our newsletter for news about databases.", "reading"),
        ("We use cookies to improve your experience on this site.", "boilerplate"),
        ("This project is licensed under the MIT License by its authors.", "boilerplate"),
        ("Please star us on GitHub if you like the project.", "reading"),
        ("Pull requests of every kind are always welcome and appreciated.", "boilerplate"),
        ("I hope you enjoyed the tour of the new release.", "boilerplate"),
        ("Join our Discord to talk with the maintainers about it.", "reading|boilerplate"),
        ("Our thanks go to everybody who made the release possible, thank you.", "boilerplate"),
        ("The manual is at https://docs.example.org/manual for all versions.", "address"),
        ("Send your questions to team@example.org at any time you want.", "address"),
        ("The value of **threads** is set to eight by default.", "residue"),
        ("The list [x] shows what is done in the release.", "residue"),
        ("The call run(mode=fast) starts the server in the background.", "residue"),
        ("The tag <b>bold</b> is not rendered by the client at all.", "residue"),
        ("Supports 8-bit, 4-bit and 2-bit quantization on every device.", "subject"),
        ("Added support for streaming inserts to the embedded engine.", "subject"),
        ("Calculates the embedding of each document with the model.", "subject"),
        ("A server that keeps sessions in memory across restarts.", "main verb"),
        ("Automatic compaction of segments after deletion or update.", "main verb"),
        ("Faceting - aggregate search results by payload values.", "fragment"),
        ("TL;DR: The new linker is used by default on the nightly channel.", "residue"),
        ("Figure: the reader applies three layers of pruning to a file.", "residue"),
        ("The `a` `b` `c` `d` `e` options are read in that order.", "code"),
        ("The bracket (is never closed in this sentence of ours.", "full sentence|points"),
    ],
)
def test_a_sentence_that_would_read_badly_alone_is_refused_with_its_reason(sentence: str, reason: str) -> None:
    assert any(word in fault(sentence) for word in reason.split("|")), fault(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "This makes the index twice as large as before.",
        "It stores embeddings in a memory-mapped file.",
        "However, the index has to be rebuilt after an upgrade.",
        "In other words, the reader never blocks the writer.",
        "For the team, this is a useful way to learn about the docs.",
        "With these settings the server starts in two seconds.",
        "The former keeps its state in memory all the time.",
    ],
)
def test_a_sentence_that_points_back_leans_on_the_one_before(sentence: str) -> None:
    assert leans_on_the_one_before(sentence)


@pytest.mark.parametrize("sentence", [*GOOD, "Thistle is a compiler for small devices.", "Itanium servers are gone."])
def test_a_sentence_with_its_own_subject_does_not_lean(sentence: str) -> None:
    assert not leans_on_the_one_before(sentence)


@pytest.mark.parametrize(
    "worse",
    [
        "I think Marlstone keeps its index in a single file on disk.",
        "You can keep the index of Marlstone in a single file on disk.",
        "Marlstone keeps its awesome index in a single file on disk!",
        "Keep the index of Marlstone in a single file on disk.",
        "Note: Marlstone keeps its index in a single file on disk.",
        "We will keep the index of Marlstone in a single file on disk.",
    ],
)
def test_talk_and_directions_weigh_less_than_a_statement(worse: str) -> None:
    assert weight(worse) < weight("Marlstone keeps its index in a single file on a local disk.")


def test_a_german_sentence_is_not_english_even_on_an_english_page() -> None:
    sentence = "Die Zwischenstände werden nicht mehr in der Datenbank gehalten, sondern im Protokoll."

    assert not is_english(sentence, on_english_page=True)


def test_a_terse_english_sentence_counts_on_an_english_page_only() -> None:
    sentence = "Marlstone requires cache locality awareness, phase-aware scheduling, composable design."

    assert is_english(sentence, on_english_page=True)
    assert not is_english(sentence, on_english_page=False)
