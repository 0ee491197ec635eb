"""Closed word classes of English, and the endings by which a verb can be told without a language model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def word_set(text: str) -> frozenset[str]:
    """Return the words of `text`, which are parted by white space."""
    return frozenset(text.split())


# Function words that are common in English and no common word of German, French, Spanish, Italian, Portuguese, Dutch,
# Swedish or Polish; left out for that: in an a on do me was will so of also no per via over we had he her under have.
ENGLISH_ONLY = word_set("""
    the and to that this these those it its is are were been being be has having with without from for
    by at as or if than then there their they them she his you your our us which who whose what when
    where why how because while although though through between into onto about after before above
    again against during until since can could would should might must may shall does did doing not but yet any
    some each every both either neither such only own same other another more most much many few less least very
    too just even still already here not nor up out off down within across toward towards
    instead however therefore thus hence whether rather it's that's don't doesn't isn't aren't can't won't
    wasn't didn't you're we're they're you'll we'll i'm i've we've
""")

# Their counterparts in eight languages of Latin script, without those that are English words too.
FOREIGN = word_set("""
    der das und nicht ist für mit von auf eine einen einer auch sich wir wird werden durch dass oder bei nach zum zur
    le la les des est dans pour une nous vous avec qui que sur sont aux ces cette ou
    el los las una con para del por más como pero esta este muy
    il che di gli della delle sono nel nella anche più questo questa
    uma não em mais dos das ao pela pelo são está também
    het een niet dat voor zijn met naar ook wordt worden deze door
    och att det som är inte på av ett till den
    jest nie się oraz dla przez które
""")

# A lower-case word of these at the start shows a sentence that lost its beginning; `npm` or `vLLM` there shows nothing.
FUNCTION_WORDS = ENGLISH_ONLY | word_set("""
    a an in on of do so will was me my i am all no per via over we had he her under have also
""")

SUBJECT_PRONOUNS = word_set("""
    i we you they he she it this that these those there who which
""")

_FINITE = word_set("""
    is are was were be been am has have had do does did can could will would shall should may might must cannot
    let lets ain't can't won't
""")
_CONTRACTIONS = ("'s", "'re", "'ve", "'ll", "'d", "n't", "'m")
_PAST = word_set("""
    began became bought brought broke built came chose cost cut drew drove fell felt fed found fought froze
    forgot gave got grew went held heard hit hid kept knew laid led left lent lost made meant met paid put ran
    read rose said sang sat saw sent set shook shot shrank shut slept slid sold spent split spoke spread stood
    stole struck stuck swept swung took taught thought threw told understood woke won wore wrote beat bet bound
    broadcast cast caught clung crept dealt dug dove fit flew forbade outgrew overcame overrode rebuilt reset
    rethought rewrote undid upheld withdrew wrung
""")
_BASE = word_set("""
    accept access achieve act adapt add adjust adopt affect agree aim allow answer appear apply approach argue
    arise arrive ask assign assume attach avoid back batch become begin behave believe belong benefit bind block
    boost bootstrap borrow break bring browse build bump bundle buy cache call care carry catch cause change
    check choose claim clean clear click clone close collect combine come commit compare compete compile
    complete compress compute configure connect consider consist consume contain continue contribute control
    convert copy cost count cover crash debug declare deal decide decrease define delete deliver demand depend
    deploy derive describe deserve design detect determine develop differ disable discard discover discuss
    display divide double download drive drop ease edit eliminate embed emerge emit employ enable encode
    encounter encourage end enforce enhance enjoy ensure enter equal escape establish examine exceed exclude
    execute exhibit exist expand expect expire explain explore export expose express extend extract face fail
    fall feed feel fetch fill filter find finish fit fix flow flush focus follow force forget fork form forward
    free gain gather get give go govern grab grant grow guard guide handle happen hash hear help hide highlight
    hit hold hope host identify ignore imagine impact implement imply import impose improve include increase
    index infer inform inherit inject insert inspect install intend interact introduce invest invite invoke
    involve iterate join jump keep kill know lack land last launch lead leak lean learn leave let leverage lie
    limit link list listen live load lock log look lose lower maintain make manage map mark match matter mean
    measure meet merge migrate mind miss mix monitor mount move name need note notice observe obtain occur offer
    open operate order outperform override own pack parse pass pay perform persist pick pin pipe place plan play
    please plug point poll post prefer prepare present preserve press prevent print proceed process produce
    profile promise promote propose protect prove provide prune publish pull push put query quit raise range
    rank reach react read rebuild receive recommend record recover reduce refer reflect refuse register reject
    rely release reload remain remember remove rename render repeat replace reply report represent reproduce
    request require reset resolve respond restart restore result resume retain retrieve retry return reuse
    reveal review rewrite ride rise roll route run save say scale scan schedule search see seek seem select send
    separate serve set settle shape share shift ship show shrink shut sign simplify sit skip sleep slow solve
    sort sound spawn speak specify speed spend spin split spread stand start state stay steer stick stop store
    stream strike struggle submit subscribe succeed suffer suggest suit supply support surprise survive suspect
    swap switch sync take talk target teach tell tend test thank think throw tie touch trace track trade train
    transfer transform treat trigger trust try tune turn type understand unlock update upgrade upload use vary
    verify view visit wait walk want warn watch wear weigh win wish work worry wrap write yield
""")
_ENDINGS = ("ed", "ize", "ise", "ify", "ate")
_NO_PLURAL = ("ss", "us", "is")


def looks_like_a_verb(word: str) -> bool:
    """Whether a lower-case word can be a finite verb; every `-s` that is not plainly a noun or adverb counts."""
    if word in _FINITE or word in _PAST or word in _BASE or word.endswith(_CONTRACTIONS):
        return True
    if len(word) < len("axed"):
        return False
    return word.endswith(_ENDINGS) or (word.endswith("s") and not word.endswith(_NO_PLURAL))


# Nouns without an article, and other words, that open a sentence right before its verb.
_OPENERS = word_set("""
    access accuracy adoption advice ai analysis anybody anyone anything apart code community compute concurrency content
    context data day debug demand design detail documentation early education effort email enough evidence everybody
    everyone everything evolution experience failure feedback focus free full good guidance half hardware hello help
    history hope human idea industry inference information infrastructure interest judgment knowledge language last
    late latency law learn life light load long machine maintenance many math memory middleware money monday more music
    network news next nobody none nothing now nowadays once one open order original others overhead part people plenty
    power practice pressure privacy production progress proof quality quantum query quick recall recent release reliance
    research retrieval risk room safety scale science second security sleep software somebody someone something soon
    space speed stock storage stuff success support sure syntax teamwork tech text theory thing third throughput time
    today together tomorrow tooling trade traffic training trust truth two three four five six seven eight nine ten
    uptime usage value video voice water well whoever whatever work world yesterday zero first earlier later
    sometimes often never always perhaps maybe yes please thanks sadly
    unlike like despite given except besides among amid beyond near behind below inside outside throughout unless
    whenever wherever whichever along upon regardless versus plus minus till
    around almost maximum minimum level phase stage week line tier type class question note notes lesson rule
    cache batch model task user team client server system tool library framework author paper article post page project
""")
_COMMON_ENDINGS = (
    *(
        "ing",
        "ed",
        "ly",
        "tion",
        "sion",
        "ment",
        "ness",
        "ity",
        "ance",
        "ence",
        "ism",
        "ship",
        "ware",
        "age",
        "ency",
        "ancy",
    ),
    *("ure", "sis", "ics", "ogy", "phy", "ful", "less", "ible", "able", "ive", "ous", "ward", "wise", "body", "thing"),
)
_SINGULAR_VERBS = word_set("""
    is was has does isn't wasn't hasn't doesn't uses supports offers provides runs builds makes adds lets gives takes
    allows enables keeps brings ships needs requires includes introduces handles describes explains reports claims says
    shows works comes becomes gets sees wants proposes achieves relies remains combines replaces improves reduces
    outperforms beats wins costs scales serves reads writes turns exposes defines represents belongs contains depends
    helps holds seems starts begins treats moves plans announces argues
""")
_PLURAL_VERBS = word_set("""
    are were have do use support offer provide run build make need require include
""")
_ANY_VERBS = word_set("""
    can could will would shall should may might must did had built used made released shipped added announced introduced
    published wrote reported measured moved switched migrated replaced rewrote began ran found said claimed showed chose
    adopted created developed designed trained launched open-sourced rebuilt cut raised saved spent planned deployed
    moved acquired joined maintained tested compared needed wanted became kept gave took got won lost
""")
_ADVERBS = word_set("now currently also already still then never only just even today again always often both")
_VERSION = re.compile(r"v?[0-9]")
_DETERMINERS = word_set("the a an its their this these all every each any no both more to that it them how what")


def opens_as_a_name(word: str, following: Sequence[str]) -> bool:
    """Whether a capitalised word that opens a sentence can only be a name, given the words that follow it.

    It can when a verb or a version follows: `Lyft built`, `Kafka 4.0 adds`, not `Teams built` and not `Nearly 40`.
    """
    verb, then = [*(later for later in following if later not in _ADVERBS and not later.endswith("ly")), "", ""][:2]
    singular = verb in _SINGULAR_VERBS or (_acts(verb, then) and verb.endswith("s"))
    if is_common(word) or (word.endswith("s") and not singular):
        return False
    named_version = _VERSION.match(verb) is not None
    return singular or verb in _PLURAL_VERBS or verb in _ANY_VERBS or _acts(verb, then) or named_version


def _acts(verb: str, then: str) -> bool:
    """Whether `verb` is one by what follows: `stores the`, `launched its`; in `vector stores in` it is a noun."""
    return verb.islower() and verb not in FUNCTION_WORDS and verb.endswith(("s", "ed")) and then in _DETERMINERS


def is_common(word: str) -> bool:
    """Whether a word is an ordinary one, by word lists and endings; a rare ordinary word is not known here."""
    lowered = word.lower()
    known = lowered in FUNCTION_WORDS or lowered in _BASE or lowered in _OPENERS or lowered in SUBJECT_PRONOUNS
    return known or lowered.endswith(_COMMON_ENDINGS)
