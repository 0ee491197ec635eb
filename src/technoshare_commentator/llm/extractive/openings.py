"""How a sentence begins: leaning on the one before, giving directions, or leading away from the page.

Patterns are applied to text with white space folded, code taken out and plain quotes and dashes (`cleaning.prose`).
"""

from __future__ import annotations

import re


def _starts_with(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"[\"'(]?(?:{'|'.join(patterns)})(?![\w'-])", re.IGNORECASE)


_POINTERS = r"(?:this|that|these|those|it|they|such|doing so)"
# A sentence that needs the one before it: a pronoun stands for something there, or a word ties on to it.
LEANS = _starts_with(
    # pronouns, at the very start or as the subject behind a short introduction
    r"this|that|these|those|its?|it's|that's|they(?:'re)?|their|them|he|she|his|her|such|both|neither|either",
    r"(?:each|one|some|all|most|none|any|many|several|part) of (?:these|them|this|that|it|those)",
    r"(?:with|in|by|for|at|from|without|when|if|since|while|as|under|because of|once|to \w+|like|on|via|through|"
    rf"despite|given|during|after|before) {_POINTERS}",
    r"(?:for|in|with|like|unlike|at|on|by|from|to|during|after|before|as|beyond|besides) [^,]{2,60}, "
    r"(?:this|these|those|it|they|that)",
    r"there|here|to do so|doing (?:this|so|that)|together,? (?:this|these|they)",
    r"the (?:former|latter|same|others?|second|first|third|last|two|result|reason|idea|difference|answer|problem|"
    r"goal|rest|solution|cause|change|mechanics|fix|next \w+)",
    r"one (?:(?:of the )?(?:next|initial|last|first|final)|more|other)",
    # words that tie on
    r"however|but|and|or|so|yet|nor|also|then|thus|hence|therefore|moreover|furthermore|additionally|in addition|"
    r"besides",
    r"meanwhile|instead|otherwise|nevertheless|nonetheless|still|again|finally|lastly|next|later|likewise|similarly",
    r"conversely|accordingly|consequently|as an? (?:result|aside|example|consequence)|in other words|that is|too|plus",
    r"for (?:example|instance)|in (?:fact|particular|contrast|short|summary|conclusion|general|turn|essence)",
    r"on the other hand|by contrast|of course|indeed|well|ok(?:ay)?|yes|no|sure|anyway|after all|put \w+|another|"
    r"others?",
    r"(?:more|most|equally) (?:importantly|specifically|generally|precisely|concretely)|in more \w+ terms",
    r"even (?:better|so|then|worse)|(?:primarily |mainly |mostly |partly )?because|alternatively|unfortunately|"
    r"fortunately",
    r"now|luckily|specifically|basically|briefly|note(?: that)?|to (?:sum up|summari[sz]e|wrap \w+|be clear|recap)",
    r"notably|interestingly|clearly|obviously|afterwards?|at the same time|in the (?:meantime|same way|end)",
    r"just (?:like|as)|not (?:only|everything)|same|since then|until (?:now|then)|earlier|soon|eventually|perhaps",
    r"maybe|regardless|rather",
    r"first(?:ly)?|second(?:ly)?|third(?:ly)?|e\.g\.?|i\.e\.?",
)
# Directions for somebody at a keyboard: true, but not what a commentary is for.
DIRECTS = _starts_with(
    r"run|install|make sure|ensure|be sure|keep in mind|don't|do not|simply|just|use|try|call|pass",
    r"you (?:can|may|must|should|need|will|could|might|have|'ll)",
    r"if you(?:'re|'d| (?:want|need|are|have|would|prefer|use|do|wish|like|already))",
    r"to (?:get started|install|run|build|start|use|try|create|see|enable|test|configure|compile|begin|add|set)",
    r"(?:after|once|when|before) (?:you|installing|running)|for local",
)
# Talk with the reader about reading, and invitations.
SENDS_AWAY = _starts_with(
    # many of these words are nouns as well: read latency, join order, recall at ten
    r"please|click|see|refer|subscribe|let(?:'?s| me| us)|imagine|say you|suppose|want to|have questions|ready to",
    r"looking for|stay (?:tuned|in|up)|get in touch|feel free|don't (?:forget|hesitate|worry)|before we|hi|hello|hey",
    r"(?:read|visit|follow|watch|explore|check|look|join|enjoy) (?:the|our|us|this|it|these|on|about|at|for|out|more)",
    r"(?:remember|recall) (?:that|to|how|the|from)|welcome (?:to|back)",
    r"we(?:'ll|'ve| will| now| also) (?:see|look|cover|start|explore|discuss|walk|show|go|seen)",
    r"we (?:look at|walk|saw)",
    r"in (?:this|the (?:next|previous|last)) \w+,",
)
# Release notes and lists of features leave out the subject.
HEADLESS = re.compile(
    r"(?:Supports|Uses|Includes|Provides|Allows|Enables|Adds|Makes|Handles|Applies|Controls|Filters|Limits|Returns|"
    r"Runs|Works|Fixes|Offers|Contains|Shows|Gives|Creates|Reads|Writes|Removes|Requires|Sets|Lets|Takes|Keeps|Helps|"
    r"Has|Is|Can|Comes|Improves|Reduces|Increases|Converts|Generates|Implements|Integrates|Detects|Ensures|Manages|"
    r"Stores|Means|Automatically|Added|Fixed|Removed|Updated|Improved|Changed|Deprecated|Moved|Renamed|Bumped|Switched|"
    r"Refactored|Resolved|Corrected|Dropped|Enhanced)"
    r"(?! (?:is|are|was|were|that|which|who|of|and|can|will|may|have|has|from|in)\b)\b"
)
# A few words before a colon or dash, and the first sign after them.
LABEL = re.compile(r"([^.,;:!?(]{2,60}?)(?: \([^()]{1,30}\))?(?: -+ |: )(.)")
