"""What Slack would show, reviewed as snapshots: `pytest evals --snapshot-update` after a change that is meant."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from suite import commentaries
from syrupy.extensions.json import JSONSnapshotExtension
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from technoshare_commentator.mlops.evaluation.variants import DEFAULT
from technoshare_commentator.quality.example import NEEDS_REVIEW

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from technoshare_commentator.domain import LinkResult
    from technoshare_commentator.mlops.evaluation.variants import Variant
    from technoshare_commentator.quality.example import CommentaryExample

BLOCKS_TO_REVIEW = ("github-tarn-vector-search", "edge-markup-in-text", "edge-injected-instructions")
# Scorers judge every page with an injection; these few show what is left of one.
INJECTIONS_TO_REVIEW = (
    "injection-osierweb-crdt",
    "injection-sallowfen-incidents",
    "injection-embercount-serving",
    "injection-honest-tidemark-benchmark",
)


class MrkdwnExtension(SingleFileSnapshotExtension):
    """One readable file an example."""

    _write_mode = WriteMode.TEXT
    file_extension = "mrkdwn"


def _is_reviewed(example: CommentaryExample) -> bool:
    """Injected pages are many and render alike; what nobody has decided about yet has no snapshot."""
    shown = not example.id.startswith("injection-") or example.id in INJECTIONS_TO_REVIEW
    return shown and NEEDS_REVIEW not in example.tags


@pytest.fixture(autouse=True)
def _only_by_default(variant: Variant) -> None:
    if variant.name != DEFAULT:
        pytest.skip("snapshots are reviewed for the default variant")


@commentaries(_is_reviewed)
def test_slack_text(example: CommentaryExample, output: LinkResult, snapshot: SnapshotAssertion) -> None:
    assert output.message is not None
    text = output.message.text
    shown = _without_words(text) if example.page.startswith("dist:") else text
    assert shown + "\n" == snapshot(extension_class=MrkdwnExtension)


@commentaries(lambda example: example.id in BLOCKS_TO_REVIEW)
def test_block_kit(output: LinkResult, snapshot: SnapshotAssertion) -> None:
    assert output.message is not None
    payload: dict[str, Any] = json.loads(json.dumps(output.message.payload()))
    assert payload == snapshot(extension_class=JSONSnapshotExtension)


def _without_words(text: str) -> str:
    """Keep the form and count the words: pages of installed packages are other people's, and change with them."""
    return "\n".join(_form(line) for line in text.split("\n"))


def _form(line: str) -> str:
    bullet = re.fullmatch(r"• (\*[^*]+\* — )?(.*)", line)
    return f"• {bullet[1] or ''}‹{len(bullet[2].split())} words›" if bullet else line
