from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.sentences import (
    count_sentences,
    english_share,
    foreign_share,
    is_full_sentence,
    normalise_sentence,
    sentence_fault,
    split_sentences,
    starts_with_marker,
)

# Where the sentences end is marked with a bar; what has no bar is one sentence.
CUTS = """
Use a queue, e.g. Kafka, for this. | The rest is easy.
(3) Tool use: the model makes a tool of what lies around. | It works. | It is slow.
(a) One way is good. | (b) The other is bad. | Neither is done.
Keep it small, i.e. Under a page. | Nobody reads more.
Redis vs. Postgres is an old debate. | Both are fine.
Lindqvist et al. measured it twice. | We agree.
Lindqvist et al. Report the same drop. | We agree.
Our approach (cf. Sec. 3) works on GPUs. | It is slow.
This holds w.r.t. Latency as well. | It does not for cost.
See Fig. 3 for the curve. | It is flat.
See Figs. 3 and 4, Tabs. 1 and 2, Eqs. 5 and 6. | They agree.
The proof is in App. A of the paper. | It is short.
The proof is in the app. | A new version has it.
Alg. 1 lists the steps, Eq. 2 the loss. | Both are short.
It appeared in Vol. 3, no. 4 of the series. | It was cited often.
See pp. 6-7 and p. 12 for details. | They are short.
The model has approx. 7B parameters. | It is small.
Avg. Latency is 5 ms, incl. Network time. | It grows.
It runs on macOS, Windows, etc. | The rest is planned.
It runs on C, C++, etc. and more.
It was released as v1.2.3 today. | It works.
Version 2.0 is here. | Now with plugins.
It needs Python 3. | It works on PyPy.
We run Kubernetes 1.30. | It scales.
It supports Python 3.x. | Nobody uses 2.x.
It weighs 5 g. | It fits.
It costs 3.14 dollars. | That is cheap.
It took 0.5 s, down from 1.25 s. | Good.
Read README.md first. | Then go on.
Edit config.yaml or pyproject.toml. | Then restart.
Visit www.example.com today. | It is free.
The API lives at https://api.example.com/v1.0/users. | Use it.
Write to team@example.org. | We answer.
We rewrote it in Node.js. | It was fast.
Node.js is fast. | Use it.
It targets .NET and ASP.NET Core. | It is old.
It lives in System.Text.Json and torch.Tensor too. | It is fast.
Call a.b() first. | Then call c.D() twice.
Pass `a. B` to it. | Then run.
Set `retries: 3.` in the file. | Then run.
The U.S. market grew. | So did the U.K. one.
He moved to the U.S. | She stayed.
J. R. Hale wrote it. | It is good.
Mr. Hale and Dr. Oyelaran met. | They agreed.
Acme Inc. was founded in 1999. | It grew.
It started in Jan. 2024 and ended in Sept. 2024. | It was long.
It ran until 5 p.m. on Friday. | Then it stopped.
He has a Ph.D. in maths. | He writes Rust.
Wait... what happened? | Nothing did.
It was slow... | Then it was fast.
Sort by ORDER BY ... LIMIT 10 first. | Then merge.
Is it fast? | Yes! | Really?! | It is.
"Is it fast?" he asked. | She nodded.
He asked ("will it scale?") and left. | She stayed.
He said "stop." | Then he left.
He wrote “It is done.” | Then he left.
She answered: "It works on my machine. | I have no idea why it fails in yours." | He laughed.
"It works on my machine. | I have no idea why it fails in yours."
“We shipped it last week. | Nobody noticed it until today.”
(This part is optional for you. | You can skip it without harm.)
(This part is optional for you.) | Everything else is not.
We measured it (see the appendix). | It held.
The old 5" disk is slow. | The new 3" disk is fast.
The users' data is old. | The teams' data is new.
*Batteries are included.* | Then you add your own.
**Durable by default.** | One primitive does it all.
We renamed app.* to demo.* everywhere. | It took a day.
Results improved [12]. | We ran it again.
Results improved.[12] | We ran it again.
1. Install the tool.
1. Install the tool. | 2. Run the tool.
There are two steps: 1. Install it. | 2. Run it.
It is out! | 🎉 Get it now.
Throughput rose by 40%. | Latency fell to 3 ms.
Set x = 3. | Then set y = 4.
This is plan B. | We like it.
We use pandas. | numpy is faster.
First comes this; then comes that: it is one sentence.
A dash — like this one — ends nothing. | A full stop does.
It is 1.5x faster. | It costs more.
这是一句话。 | 那也是一句话。
""".strip().splitlines()


@pytest.mark.parametrize("line", CUTS)
def test_technical_prose_is_cut_where_a_reader_would_cut_it(line: str) -> None:
    expected = tuple(part.strip() for part in line.split(" | "))
    assert split_sentences(line.replace(" | ", " ")) == expected


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(CUTS) >= 60


def test_a_blank_line_ends_a_sentence_and_a_line_break_does_not() -> None:
    assert split_sentences("A heading\n\nIt works\nvery  well.") == ("A heading", "It works very well.")


def test_an_empty_text_has_no_sentence() -> None:
    assert split_sentences(" \n ") == ()
    assert count_sentences("") == 0


FULL = (
    "It works on every machine we tried.",
    "Does it work on Windows too?",
    "“It is done,” said the maintainer.",
    '"We shipped it on Friday."',
    "pgvector stores vectors next to the rows.",
    "vLLM serves the model on two GPUs.",
    "`uv` resolves the lock file in 0.3 s.",
    ".NET developers get the same API.",
    "--fast skips the second pass entirely.",
    "3 of 10 teams kept the old index.",
    "$40 buys a month of storage.",
    "Install the package with pip (or uv).",
    "The interval [0, 1) is closed on the left.",
    "There are two ways: a) copy it, or b) link it.",
    'The 3.5" drive was replaced by a 2.5" one.',
    "See the guide (version 2) for what changed.",
    "It cut the error in half.[3]",
    "We containerize the app before tests.",
    "Teams shard their tables by tenant.",
    "[The guide](https://example.com/a_(b)) explains it.",
)

NOT_FULL = {
    "": "0 sentences",
    "It works. It is fast.": "2 sentences",
    "It works on every machine we tried": "does not end",
    "The options are as follows:": "does not end",
    "It worked until it did not…": "does not end",
    "It worked until it did not...": "does not end",
    "Read more about this topic here →": "does not end",
    "It just works.": "fewer than 4 words",
    "- It works on every machine.": "start",
    "• It works on every machine.": "start",
    "1. It works on every machine.": "start",
    "a) It works on every machine.": "start",
    "# It works on every machine.": "start",
    "🎉 It works on every machine.": "start",
    ", which is why it works.": "start",
    "and it works on every machine.": "start",
    "which is why it works well.": "start",
    "It works (on every machine.": "open",
    "It works on every) machine we tried.": "open",
    "“It works on every machine we tried.": "open",
    'It "works on every machine we tried.': "open",
    "Run `make test on every machine.": "open",
    "A faster and cheaper way to the cloud.": "no verb",
    "Intentionally, with some short-term pain.": "no verb",
}


@pytest.mark.parametrize("text", FULL)
def test_a_full_sentence_is_recognised(text: str) -> None:
    assert sentence_fault(text) == ""
    assert is_full_sentence(text)


@pytest.mark.parametrize(("text", "fault"), NOT_FULL.items())
def test_what_is_no_full_sentence_is_refused_with_the_reason(text: str, fault: str) -> None:
    assert fault in sentence_fault(text)
    assert not is_full_sentence(text)


@pytest.mark.parametrize("text", ["- a", "* a", "• a", "1. a", "2) a", "(3) a", "a) a", "> a", "# a", "– a"])
def test_bullets_and_list_numbers_are_markers(text: str) -> None:
    assert starts_with_marker(text)


@pytest.mark.parametrize("text", ["--flag is on", "-v prints", "2024 was good", "*Bold* text", "J. Hale", "3.5 of 10"])
def test_content_is_no_marker(text: str) -> None:
    assert not starts_with_marker(text)


def test_repeats_compare_equal_whatever_their_case_punctuation_and_white_space() -> None:
    assert normalise_sentence("The  API — it's “fast”!") == normalise_sentence("the api, it s FAST.")


@pytest.mark.parametrize(("one", "other"), [("C++ is used", "C# is used"), ("v1.2 is out", "v12 is out"), ("a", "b")])
def test_different_names_and_numbers_stay_different(one: str, other: str) -> None:
    assert normalise_sentence(one) != normalise_sentence(other)


FOREIGN = {
    "german": "Die neue Version bringt eine bessere Suche, die auch bei großen Datenmengen schnell bleibt. Wir haben "
    "den Index neu geschrieben. Das Team will in Zukunft auch mehr Sprachen unterstützen, also so an die zwölf.",
    "french": "La nouvelle version apporte une recherche améliorée qui reste rapide sur de grands volumes. Nous avons "
    "réécrit l'index en Rust. On me dit que la latence baisse de 40 pour cent.",
    "spanish": "La nueva versión trae una búsqueda mejorada que sigue siendo rápida. No he visto nada igual. El coste "
    "es menor, pero no hay soporte para Windows.",
    "italian": "La nuova versione porta una ricerca migliorata che resta veloce. Non ho mai visto un sistema così, per "
    "me è il migliore.",
    "portuguese": "A nova versão traz uma pesquisa melhorada que se mantém rápida. As equipas reescreveram o índice em "
    "Rust, mas não há suporte para Windows.",
    "dutch": "De nieuwe versie heeft een betere zoekfunctie die ook bij grote hoeveelheden data snel is. Het is per "
    "gebruiker in te stellen en de documentatie is online.",
    "swedish": "Den nya versionen har en bättre sökning som är snabb även med stora mängder data. Vi har skrivit om "
    "indexet i Rust.",
    "polish": "Nowa wersja przynosi lepsze wyszukiwanie, które pozostaje szybkie nawet przy dużych zbiorach danych. To "
    "jest ważne dla nas.",
}
ENGLISH = (
    "PostgreSQL 17 adds incremental backups, which cut restore times on large clusters. The planner now pushes LIMIT "
    "into partitioned scans, and VACUUM needs far less memory than it did before. A `pg_createsubscriber` tool turns a "
    "replica into a subscriber without copying the data again."
)


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_another_language_has_few_english_function_words_and_many_of_its_own(text: str) -> None:
    assert english_share(text) < 0.13
    assert foreign_share(text) > 0.08


def test_dense_technical_english_is_still_told_as_english() -> None:
    assert english_share(ENGLISH) > 0.23
    assert foreign_share(ENGLISH) == 0


def test_a_text_without_words_is_no_english() -> None:
    assert english_share("1 2 3 …") == 0


HOSTILE = st.text(
    alphabet=st.sampled_from(list("aA1b .!?\"'“”()[]{}*_`…\n\t,:;-#@<>日。́🎉\ud800\x00é\u200b\u2028")), max_size=200
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), HOSTILE))
def test_cutting_loses_no_character_and_never_raises(text: str) -> None:
    pieces = split_sentences(text)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)
    sentence_fault(text)
    normalise_sentence(text)


@pytest.mark.parametrize("unit", ["“", "`", "(", "... ", "1. ", '"a. b" ', "*a.* ", "x", "e.g. "])
def test_a_long_degenerate_text_takes_bounded_time(unit: str) -> None:
    begun = time.process_time()
    sentence_fault(unit * (100_000 // len(unit)))
    assert time.process_time() - begun < 5
