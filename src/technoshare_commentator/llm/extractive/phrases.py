"""Turns of phrase by which a sentence shows that it should not be quoted, or only if need be.

Patterns are applied to text with white space folded, code taken out and plain quotes and dashes (`cleaning.prose`).
"""

from __future__ import annotations

import re


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_WRITINGS = (
    r"(?:article|post|blog(?: ?post)?|tutorial|guide|video|talk|lesson|course|notebook|documentation|docs?|readme|"
    r"chapter|section|repo|repository|series|walkthrough|announcement|release notes|issue|manual|wiki)"
)
_PARTS = (
    rf"(?:{_WRITINGS}|figure|table|chart|graph|plot|diagram|image|picture|screenshot|snippet|listing|code|command|"
    r"example|paragraph|page|document|link|recording|directory)"
)
# What the sentence points at would be missing from a quotation.
POINTS_ELSEWHERE = _any_of(
    r"\b(?:figure|fig\.|table|listing|section|chapter|appendix|equation|eq\.|algorithm|footnote|screenshot|step)s? "
    r"(?:\d|(?-i:[A-Z]|[IVX]+|[ivx]+)\b)",
    r"^(?:above|below) (?:you|we|i|is|are)\b|\b(?:above|below)(?=[.:;,)])|\bthe above\b|\baforementioned\b",
    rf"\b(?:{_PARTS}|steps?|functions?|apis?|parameters|results?|issues|mentioned|shown|described|see|discussed|"
    r"listed) (?:\w+ )?(?:above|below)\b|\b\w+ (?:above|below) (?:was|were|is|are|has|have|shows?)\b",
    rf"\b(?:following|next|previous|preceding|last|this|these) (?:\w+ )?{_PARTS}s?\b(?!-)",
    rf"\b(?:that|those|our|my|your) (?:\w+ )?{_WRITINGS}s?\b(?! (?:an?|about|\d))(?!-)",
    r"\bthe (?:following|screenshot|snippet)\b",
    r"\bthe (?:figure|table|chart|plot|diagram) (?:shows?|lists?|illustrates?)\b",
    r"\b(?:described|documented|explained|listed|available|found|covered|detailed|shown) in (?:the|our|its|their|a)\b"
    rf".{{0,60}}\b{_PARTS}\b",
    rf"^(?:the|our)\b.{{0,50}}\b{_PARTS} (?:has|have|contains?|provides?|includes?|describes?|lists?|explains?|covers?|"
    r"shows?|walks?|discusses)\b",
    r"\bas (?:\w+ )?(?:mentioned|discussed|described|explained|shown|seen|noted|said|stated|depicted|illustrated|"
    r"follows)\b",
    r"\b(?:mentioned|discussed|described|explained|introduced|covered|shown|listed|saw|seen) (?:\w+ )?"
    r"(?:before|earlier|previously|later|here|next)\b",
    r"\b(?:click|tap|found|see|available|read|documented|described|listed|linked|look|start|right) (?:\w+ )?here\b",
    r"\bsee (?:also\b|the\b|our\b|this\b|(?-i:[A-Z\"]))|\be\.g\.?,? see\b|\bsee \w+ for\b",
    r"\b(?:read|learn|find out) more\b|\bmore (?:information|details|info)\b",
    r"\bfor (?:further )?(?:details|information|instructions)\b",
    r"\b(?:refer|head|jump|skip|navigate|scroll) (?:\w+ )?(?:to|over|down|back|ahead)\b",
    r"\b(?:take a look|have a look|check (?:it |them )?out|give it a (?:try|spin)|try it|stay tuned|"
    r"on the (?:left|right))\b",
    r"\bhere's\b|^here (?:is|are|we)\b|\blet's\b|\bwe'll\b|\b(?:is|are) (?:here|in this \w+)[.!]$",
)
# Words of the frame around an article, or of its makers among themselves.
BOILERPLATE = _any_of(
    r"\b(?:our|my|the|weekly|monthly) newsletter|\bsubscribe (?:to (?:our|my) \w+|for|now|today)\b|\bunsubscribe\b",
    r"\b(?:privacy policy|terms of (?:use|service)|all rights reserved|copyright|sign up|free trial)\b|©",
    r"\bcookies? (?:policy|preferences|settings|banner)\b|\b(?:uses?|accept(?: all)?) cookies\b",
    r"\bcookies to (?:improve|enhance|personali[sz]e|provide)\b|\benable javascript\b|\byour browser\b|\bad ?block",
    r"\b(?:licen[sc]ed|released|distributed|available|published) under (?:the |an? )?(?:terms\b|[\w.-]* ?(?:MIT|"
    r"BSD|Apache|L?GPL|MPL|AGPL|CC|ISC|PSF|Unlicense|Creative|Open Source))",
    r"\b(?:licen[sc]e|contributing|changelog|readme|code_of_conduct)(?:\.\w+| file)\b",
    r"\bstar (?:us|the repo|this|it)\b|\bgithub stars?\b",
    r"\b(?:follow|join|contact|email|ping|reach out to|talk to) (?:us|me)\b|\bjoin(?:ing)? (?:the|our)\b",
    r"\b(?:mailing list|code of conduct|contributing guide\w*|office hours|special interest group)\b",
    r"\b(?:pull requests?|contributions?|feedback|suggestions?|bug reports?) (?:\w+ ){0,6}"
    r"(?:welcome|appreciated|invited|accepted)\b",
    r"\bwelcome (?:\w+ )?contributions\b|\bcontribute (?:back|to)\b|\bget involved\b|\bneed your help\b|\bwould love\b",
    r"\b(?:appreciate|love|value) (?:your )?(?:feedback|help|support|contributions)\b",
    r"\b(?:open|file|submit|report|create|raise) (?:\w+ )?(?:an? )?(?:issue|bug|ticket|pull request|pr)s?\b",
    r"\b(?:i|we)(?:'\w+| (?:would|am|are|really|do))? (?:\w+ )?(?:hope|wish|thank|love to|like to|happy|glad|excited|"
    r"thrilled|proud|hiring|grateful|delighted|appreciate)\b",
    r"\b(?:thanks|thank you|kudos|shout-?out|congratulat\w+|grateful)\b|\blet (?:us|me) know\b|\breading this\b",
    r"\bhappy (?:coding|hacking|reading)\b|\bmin(?:ute)?s? read\b|\b(?:share|tweet) this\b|\bcomments? section\b",
    r"\b(?:posted|written|published|updated|edited) (?:by|on)\b.{0,40}\b(?:19|20)\d\d\b",
    r"\b(?:conference|meetup|webinar|workshop|kubecon|summit)\b.{0,60}\b(?:join|register|attend|meet|see you)\b",
    r"\bbook a (?:demo|call|slot)\b|\bsponsor(?:s|ed|ing|ship)?\b|\bdonat(?:e|ion)|\bbuy me\b|\bfunding\b",
    r"\b(?:discord|twitter|linkedin|mastodon|youtube|stack ?overflow|gitter|bluesky)\b",
    r"\btidelift\b|\bpaying the maintainers\b|\bcommercial support\b",
    r"\bpaywall\b|\bsubscribers? only\b|\balready a (?:member|subscriber)\b",
)
CHATTER = _any_of(
    r"\b(?:lol|gonna|wanna|yeah|wow|awesome|cool|super|stuff|crazy|tons of|a ton|boom|voil[àa]|game[- ]chang\w+|"
    r"exciting|excited|amazing|blazing\w*|buckle|magic(?:al)?|dead simple|no brainer|rest assured|"
    r"revolutioni[sz]e|unlock the power|say goodbye|look no further|next[- ]level|supercharge|ultimate|in a flash)\b",
    r"\byou (?:guessed|know what|might be wondering|may be wondering|rock)\b|…|\.\.\.|\bfeels? your pain\b",
)
POINTS_BACK = _any_of(
    r"(?<= )(?:these|those|such|this) (?!is\b|are\b|can\b|may\b|as\b|means\b)\w+", r"\bthe (?:former|latter)\b"
)
PLANS = _any_of(r"\bwe(?: will| are going to|'re going to| can now| now)\b", r"\bfor now\b")
ADDRESS = _any_of(
    r"https?://|\bwww\.|\bmailto:|[\w.+-]+@[\w-]+\.\w+", r"(?<![\w.])[\w-]+(?:\.[\w-]+)*\.(?:com|org|io|dev|net)\b"
)
RESIDUE = _any_of(
    r"^\W*(?:tl;?dr|summary|abstract|overview|introduction|conclusion|figure|table|caption|source|"
    r"credits?|(?:sentence|point|item|bullet|step) *#?\d+) *[:.)-]",
    r"\*|~~|\]\(|\[\[|\]\]|\[[ xX]?\]|[|\\^{}`]|\$(?!\d)|</?[A-Za-z!]|&[a-z#0-9]+;|(?<!\w)\( *\)| [.,;](?: |$)",
    r"=>|->|<-|//|#\w|==|\+\+\+|_{2,}|(?<!\w):\w+:(?!\w)|^\W*\d+\. |\w\(\w*=|;$|[←→↩▶★✅❌✓✗➡]",
)
