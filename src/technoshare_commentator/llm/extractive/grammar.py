"""A little English grammar by word lists: orders, phrases without a main verb, items that only lack their full stop."""

from __future__ import annotations

import re

from technoshare_commentator.llm.extractive.cleaning import prose
from technoshare_commentator.llm.extractive.openings import HEADLESS
from technoshare_commentator.vocabulary import looks_like_a_verb, word_set

_WORD = re.compile(r"[^\W_]+(?:['.\-/+#]+[^\W_]+)*%?|[,;:]")
_ASIDE = re.compile(r"\([^()]*\)")
_CLOSERS = "\"'\u201d\u2019)"
_INFLECTED = re.compile(r"(?:[^s]s|[^eb]ed|[^r]ing)$")
_INTRO = re.compile(r"(?:to|for|if|in|before|after|when|on) [^,]{2,90}, ", re.IGNORECASE)
_HURRY = word_set("first just then simply also please always never")
_ADVERBS = word_set("also now then still often never always only just even not already again soon first therefore thus")
_STOPS = frozenset(",;:")
_CERTAIN = word_set("""
    is are was were am has have had do does did can could will would shall should may might must cannot isn't aren't
    wasn't weren't hasn't haven't don't doesn't didn't can't couldn't won't wouldn't shouldn't it's that's there's
    they're we're you're we've you've they've we'll you'll it'll
""")
_RELATIVE = word_set("that which who whose where whom")
_PRONOUNS = word_set("i we you they he she it this that these those who which there")
_PERSONS = word_set("i we you he she it they")
_PLURAL_PRONOUNS = word_set("these those")
_ARTICLES = word_set("the a an your any all each every")
_DETERMINERS = word_set("the a an your any our all its this that these each every their my both multiple existing new")
_OBJECTS = _DETERMINERS | word_set("up out down something everything them together with")
_NO_VERB_AFTER = _DETERMINERS | word_set("""
    his her of in on at by for from with without to and or but as into via per no some more most many several various
    other such different alongside across between about over under within like than after before during through
""")
_BEFORE_POINTER = word_set("after before with without by for from of like on in at to than as is was about")
_PASSIVE_BEFORE = word_set("by in on from for with against to as at into using via")
_INTRANSITIVE = word_set("""
    agreed appeared arrived belonged changed climbed consisted continued crashed declined decreased defaulted depended
    dropped ended evolved existed expanded failed finished happened improved increased jumped lasted migrated moved
    occurred relied remained resulted started stopped switched tried worked
""")
# Past tenses that are no participles: behind a noun they can only be its verb.
_PAST = word_set("""
    took went came fell rose grew became began gave saw ran shrank wrote chose drew drove broke knew spoke threw stole
""")
_AFTER_VERB = word_set("""
    the a an its their our your this that these to in on from with for by as at into out up how what when more less all
    after before until than between across over under about through
""")


def is_order(sentence: str) -> bool:
    """Whether the main clause begins with a verb in its base form and an object: `Sort the files`, `To sort, add a`."""
    plain = prose(sentence)
    intro = _INTRO.match(plain)
    words = [word.lower() for word in _WORD.findall(plain[intro.end() :] if intro else plain)[:3]]
    hurried = words[:1] and words[0] in _HURRY
    verb, *rest = (words[1:] if hurried else words) or [""]
    if not rest or verb in _CERTAIN or _INFLECTED.search(verb) or not looks_like_a_verb(verb):
        return False
    return rest[0] in _OBJECTS or rest[0].endswith("'s")


def lacks_main_verb(sentence: str) -> bool:
    """Whether no verb outside relative clauses can be found, as in `A server that keeps sessions.`; lenient."""
    if is_order(sentence):
        return False
    plain = prose(sentence)
    words = [_lowered(word) for word in _WORD.findall(_ASIDE.sub(" ", plain)) or _WORD.findall(plain)]
    in_clause, verb_at = False, -1
    for index, word in enumerate(words):
        if word in _STOPS:
            in_clause = False
        elif _opens_relative_clause(words, index):
            in_clause = True
        elif _is_finite(words, index) and (word in _CERTAIN or verb_at != index - 1):
            if not in_clause:
                return False
            in_clause, verb_at = False, index  # the clause has its verb; the word behind that is its object
    return True


def lacks_subject(sentence: str) -> bool:
    """Whether it begins as release notes and feature lists do: `Supports …`, `Added …`, `Calculates the …`."""
    first, _, rest = sentence.partition(" ")
    verb = first.lower()
    third_person = verb.endswith("s") and looks_like_a_verb(verb[:-1]) and rest.split(" ", 1)[0] in _ARTICLES
    return third_person or HEADLESS.match(sentence) is not None


def ended(unit: str) -> str:
    """Add the full stop that a list item lacks although it is a full sentence; any other text comes back as it is.

    The stop is the only character this model ever adds to a quotation.
    """
    bare = unit.rstrip(_CLOSERS)
    is_open = bare != "" and (bare[-1].isalnum() or bare[-1] in "`%")
    if not is_open or not unit[0].isupper() or lacks_subject(unit) or lacks_main_verb(unit):
        return unit
    return f"{unit}."


def _lowered(word: str) -> str:
    """Lower case for all but names: a word with a capital inside a sentence is no verb."""
    return word.lower() if word.lower() in _CERTAIN else word


def _opens_relative_clause(words: list[str], index: int) -> bool:
    if not index or words[index] not in _RELATIVE or index + 1 >= len(words):
        return False
    following = words[index + 1]
    if words[index] == "that" and words[index - 1].lower() in _BEFORE_POINTER:
        return False
    return words[index] != "that" or following in _CERTAIN | _PRONOUNS or looks_like_a_verb(following)


def _is_finite(words: list[str], index: int) -> bool:
    """Whether the word at `index` can be the verb of a clause, judged by its ending and by both neighbours."""
    word, before = words[index], _word_before(words, index)
    after = words[index + 1] if index + 1 < len(words) else ""
    if word in _CERTAIN or (word in _PAST and index):
        return True
    if not before or before in _STOPS or word[0].isupper() or not looks_like_a_verb(word):
        return False
    if before in _PERSONS | _RELATIVE:
        return True
    if before in _PRONOUNS:
        return word.endswith("ed") or word.endswith("s") != (before in _PLURAL_PRONOUNS)
    if before in _NO_VERB_AFTER:
        return False
    return _suits(word, before, after)


def _suits(word: str, before: str, after: str) -> bool:
    """Whether a word that may be a verb is one behind a noun: a past tense, a third person, or a plural's base form."""
    if word.endswith("ed"):
        return word in _INTRANSITIVE or (after not in _PASSIVE_BEFORE and after != "")
    if word.endswith("s"):
        stems = (f"{word[:-3]}y",) if word.endswith("ies") else (word[:-1], word[:-2])
        return after in _AFTER_VERB or any(looks_like_a_verb(stem) for stem in stems)
    return after in _DETERMINERS or before.endswith(("s", "%")) or before[-1:].isdigit()


def _word_before(words: list[str], index: int) -> str:
    """Return the word before `index` in lower case, adverbs passed over; empty at the start."""
    index -= 1
    while index >= 0 and (words[index].endswith("ly") or words[index] in _ADVERBS):
        index -= 1
    return words[index].lower() if index >= 0 else ""
