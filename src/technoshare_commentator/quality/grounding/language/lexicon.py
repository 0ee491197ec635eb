"""What English words do to a claim: turn it around, set it aside, say how much of it, how surely, or nothing at all."""

from __future__ import annotations

from technoshare_commentator.vocabulary import FUNCTION_WORDS, word_set

# Two poles of one scale a line. Near-synonyms of a pole stand together; a word may be on several scales. A tilde marks
# two of a kind that go together as often as they exclude each other.
OPPOSITES = """
    rise increase grow gain climb raise expand double triple jump surge | fall decrease decline drop reduce shrink
        cut halve slash dip plummet trim lose
    more | less fewer
    higher high | lower low
    larger bigger greater big large | smaller small
    rise increase grow climb higher more gain improve boost double triple | fall decrease decline drop lower less
        fewer reduce lose
    larger grow expand | smaller shrink
    above | below beneath
    keep retain preserve survive | lose
    fast quick rapid swift speedup accelerate | slow sluggish slowdown
    better best improve outperform superior beat win ahead | worse worst degrade underperform inferior lose behind
        deteriorate regress trail
    once | twice thrice
    cheap inexpensive affordable | expensive
    before prior precede | after afterwards following
    earlier | later
    first | last final
    oldest old older | newest new newer
    easy simple straightforward | hard difficult complex complicated tough painful
    enable allow permit let | disable forbid prohibit disallow deny ban block prevent refuse
    enabled | disabled
    accept | reject refuse
    include | exclude omit
    add gain introduce | remove delete drop deprecate discard strip
    start begin | stop end finish
    succeed success pass | fail failure
    required mandatory require must compulsory obligatory | optional optionally
    public | private
    internal internally inside | external externally outside
    local locally | remote remotely hosted
    online | offline
    manual manually | automatic automatically
    synchronous sync synchronously | asynchronous async asynchronously
    static statically | dynamic dynamically
    mutable | immutable
    stateful | stateless
    single | multiple several many
    single-threaded | multi-threaded
    well | poorly badly
    strong strongly | weak weakly
    safe safely secure | unsafe unsafely insecure dangerous
    stable production-ready mature | unstable experimental alpha
    common often frequently frequent commonly usual usually | rare rarely seldom uncommon
    maximum max upper | minimum min
    encrypt encrypted encryption | decrypt decrypted plain plaintext
    compress | decompress
    parallel concurrently concurrent simultaneous | sequential sequentially serial serially
    true | false
    correct correctly right | incorrect incorrectly wrong wrongly
    proprietary closed closed-source | open-source open
    free gratis | paid commercial
    strict strictly | lenient loosely
    short shorter | long longer
    horizontal horizontally | vertical vertically
    ~ client | server
    ~ producer produce | consumer consume
    ~ input | output
    import | export
    push | pull
    upload | download
    ~ encoder encode | decoder decode
    ~ read | write
    hot warm | cold
    light lightweight | heavy heavyweight
    present presence | absent absence missing lack
    win | lose
    upgrade | downgrade
    forward | backward
    top | bottom
    positive | negative
    active | inactive idle
    sparse | dense
    ~ training train | inference
    centralised centralized | decentralised decentralized distributed
    supervised | unsupervised
    agree agreement | disagree disagreement
    trust trusted | distrust untrusted
    likely | unlikely
    possible | impossible
    compatible | incompatible
    known | unknown
    necessary needed | unnecessary needless
    supported | unsupported
    stronger | weaker
    deterministic | random nondeterministic stochastic
    eager eagerly | lazy lazily
    compile compiled | interpret interpreted
    ~ memory ram | disk ssd
    ~ cpu | gpu
    user-space userspace | kernel
    ~ frontend | backend
"""

# How much of a set a word speaks of, 0 (none) to 6 (all).
SHARES = {
    word: rank
    for rank, words in {
        1: "few rarely seldom hardly",
        2: "some sometimes occasionally certain partly partially partial",
        3: "many several often frequently",
        4: "most mostly usually typically generally majority mainly largely",
        6: "all every each always everyone everything everybody entirely fully completely wholly invariably",
    }.items()
    for word in words.split()
}
ALL_SHARES, SOME_SHARES = 6, 2

# A negation, and how far to the right it reaches is for `cues` to say.
NEGATIONS = word_set("""
    not no never cannot neither nor without none nobody nothing nowhere hardly barely scarcely unable
    lack lacks lacked lacking absent absence missing fail fails failed failing refuse refuses refused
    avoid avoids avoided avoiding omit omits omitted impossible stop stops stopped
""")
CONTRASTS = word_set("unlike instead rather than except excluding besides contrary despite")
CONTRAST_ANSWERS = CONTRASTS | word_set("""
    versus vs against
    but while whereas compared compare compares comparison competes compete competitor rival differ differs
    different
    contrast other replaces replace from away off leave leaves abandon abandons drop drops though although however
    removed remove removes removal discontinued deprecated gone retired ended ends stops stopped longer was were
    formerly
    alternative alternatives beat beats ahead behind over outside only beyond
""")
# Verbs that leave something out without a denial.
LEAVING_OUT = word_set("""
    skip skips skipped skipping omit omits omitted drop drops dropped remove removes removed eliminate eliminates
    eliminated replace replaces replaced leave leaves left avoid avoids exclude excludes excluded ignore ignores
    ignored
    disable disables disabled off away instead free rid prevent prevents prevented forbid forbids prohibit prohibits
    block blocks blocked deny denies denied reject rejects rejected spare spares spared save saves zero
""")
HEDGES = word_set("""
    conjecture conjectures conjectured speculation hypothesise hypothesize hypothesis guess may might plan plans
    planned planning intend intends intended expect expects expected hope hopes hoped proposed
    consider considers considering considered upcoming roadmap future eventually potentially
    perhaps
    possibly maybe probably likely unclear unknown speculate speculates aim aims
    rumoured rumored believe believes suspect suspects suggest suggests
""")
HEDGE_ANSWERS = HEDGES | word_set("""
    will would could should can soon later next yet prospective coming hypothesis hypothetical assume assumes seem
    seems appear appears think thinks thought target targets goal goals want wants estimate estimated if whether
    experimental tentative guess wishes hypothesise promise promises promised potential possible schedule scheduled
    slated until follow follows ahead toward towards call calls forecast projected project anticipates anticipate
    anticipated due recommend
""")
# Words of certainty that a page must have said, in these or other words of the same line.
CERTAINTIES = """
    guarantee guarantees guaranteed ensure ensures certainly always
    prove proves proven proof
    first pioneer pioneering pioneered
    best
    sole solely exclusively exclusive
    perfect perfectly flawless flawlessly
    world-class state-of-the-art leading
    revolutionary groundbreaking unprecedented
    zero
    infinite unlimited infinitely
    instantly instantaneous instantaneously immediately
    everyone everybody
    impossible
"""

# What a commentary says about a page without adding to it; such words need no support.
TELLING = word_set("""
    page article post author authors writer blog paper text team reader readers piece say says said describe
    describes
    described explain explains report reports reported show shows state states note notes noted mention mentions
    claim
    claims according accordingly discuss discusses present presents cover covers introduce introduces outline
    outlines
    announce announces announced announcement argue argues admit admits admitted concede concedes acknowledge
    acknowledges find finds found learn see example instance overall
    additionally moreover furthermore meanwhile notably specifically particular particularly especially generally
    thanks thank way ways thing things kind kinds sort sorts type types case cases lot lots number approach
    tool project system solution software technology work works working make makes making made let lets help helps
    helping allow allows allowing enable enables enabling provide provides providing offer offers offering use uses
    using used come comes get gets give gives take takes keep keeps mean means meaning include includes including
    included able based one two three four five six seven eight nine ten both simply really still even well new
    like want wants need needs needed itself themselves various several today currently now whole result results
    good great useful real fact point points main key important set sets part parts different developed built
    build builds people user users feature features version release released run runs running
    there here can could would will may might must shall should cannot done doing
""")
STOP_WORDS = FUNCTION_WORDS | word_set("""
    they he she him them us we you i it's itself myself yourself themselves who whom whoever whatever whichever
    can could would will shall should may might must ought let let's did does done doing had having being am
    also per via etc e.g i.e vs ie eg ok yes upon amid among amongst besides unless whenever wherever onto
    almost nearly roughly about approximately around over under above below least most least
    there here where once ever anything something everything nothing someone anyone everyone
    longer never none nothing later earlier then alone cannot can't won't n't isn't aren't doesn't don't didn't
    wasn't weren't hasn't haven't hadn't couldn't shouldn't
    wouldn't mustn't needn't ain't
""")

# What says that an amount has become another, or differs from one.
CHANGES = word_set("""
    cut cuts lost loses fell fall falls dropped drop drops shrank shrinks reduced reduces reduce less fewer cheaper
    smaller lower faster slower decreased costs cost saved saves slashed rose risen increased more higher larger
""")
