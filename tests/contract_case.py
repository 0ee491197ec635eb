"""A commentary that keeps every rule, and the page behind it; each test breaks it in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from technoshare_commentator.domain import (
    SECTION_SEPARATOR,
    SECTION_TITLES,
    Commentary,
    Coverage,
    Evidence,
    Fact,
    Facts,
    Snippet,
    split_bullet,
)
from technoshare_commentator.prompts import ProjectContext, Theme
from technoshare_commentator.quality.rule_input import RuleInput

if TYPE_CHECKING:
    from technoshare_commentator.domain import RuleFailure
    from technoshare_commentator.quality.rules import Rule

PAGE = (
    "Larkspur is a message queue that keeps its log in object storage instead of on local disks.",
    "Brightwater Labs released Larkspur 2.4 on 12 March 2025 under the Apache-2.0 licence.",
    "The broker is written in Rust and needs 40 MB of memory when it is idle.",
    "Producers speak the Kafka protocol, so existing clients work without a change.",
    "Every batch is written once to Amazon S3 and read from a cache on the broker.",
    "A cluster of three brokers sustained 1.2 million messages per second in our tests.",
    "The 99th percentile of the write latency was 38 ms, against 410 ms in version 2.3.",
    "Storage costs fell by 87% because replicas no longer live on attached volumes.",
    "Unlike Redpanda and WarpStream, Larkspur ships its own metadata service.",
    "Compaction runs on a separate node, which keeps the brokers free for traffic.",
    "Transactions are not supported yet, and the team plans them for the autumn.",
    "Consumer groups rebalance in under two seconds when a broker leaves.",
    "An operator for Kubernetes installs the whole cluster from one manifest.",
    "Metrics are exported to OpenTelemetry collectors without a sidecar.",
    "Small deployments can point the broker at MinIO and skip the cloud entirely.",
    "The authors recommend at least 16 partitions for each topic.",
)


@dataclass(frozen=True)
class Case:
    """An input of the rules that a test changes in one place."""

    given: RuleInput

    def items(self, **sections: tuple[str, ...]) -> Case:
        """Return the case with other items, rendered anew."""
        commentary = self.given.commentary.model_copy(update=sections)
        return Case(replace(self.given, commentary=commentary, slack_text=render(commentary)))

    def item(self, section: str, place: int, text: str) -> Case:
        """Return the case with another item at `place`, which counts from 1."""
        items = list(getattr(self.given.commentary, section))
        items[place - 1] = text
        return self.items(**{section: tuple(items)})

    def slack(self, text: str) -> Case:
        """Return the case with another Slack text."""
        return Case(replace(self.given, slack_text=text))

    def evidence(self, **fields: object) -> Case:
        """Return the case with another page."""
        return Case(replace(self.given, evidence=self.given.evidence.model_copy(update=fields)))

    def facts(self, *facts: Fact) -> Case:
        """Return the case with other facts."""
        return Case(replace(self.given, facts=Facts(facts=facts, coverage=Coverage.FULL)))

    def themes(self, *themes: Theme) -> Case:
        """Return the case with another project context."""
        return Case(replace(self.given, context=ProjectContext(description="A test team.", themes=themes)))

    def breaks(self, rule: Rule) -> list[str]:
        """Return the reasons why the case breaks `rule`."""
        failures: tuple[RuleFailure, ...] = rule(self.given)
        assert {failure.rule for failure in failures} <= {rule.name}
        return [failure.reason for failure in failures]


def render(commentary: Commentary) -> str:
    """Render as the contract wants it, for items that need no escaping."""
    sections = []
    for title, (_, items) in zip(SECTION_TITLES, commentary, strict=True):
        bullets = [f"• {_bold(item)}" for item in items] or ["_Nothing comparable is named on the page._"]
        sections.append("\n".join([f"*{title}*", *bullets]))
    return SECTION_SEPARATOR.join(sections)


def _bold(item: str) -> str:
    parts = split_bullet(item)
    shown = f"*{parts[0]}* — {parts[1]}" if parts else item
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def theme(name: str, **fields: object) -> Theme:
    """Return a theme of which only some things matter."""
    empty = {"pains": (), "stack": (), "success_criteria": (), "positioning": ""}
    return Theme.model_validate({"name": name, **empty, **fields})


def good_case() -> Case:
    """Return a case that keeps every rule."""
    commentary = Commentary(
        tldr=(PAGE[0], PAGE[7], PAGE[10]),
        summary=(*PAGE[1:7], *PAGE[8:10], *PAGE[11:14]),
        projects=(
            "**Data platforms** — Try Larkspur where attached volumes make Kafka expensive to run.",
            "**Cloud & observability** — Send the broker's metrics to the collectors next to Grafana.",
            "**General** — Read the release notes before the next platform review.",
        ),
        similar_tech=("**Redpanda** — " + PAGE[8],),
    )
    evidence = Evidence(
        url="https://larkspur.example/blog/2-4",
        final_url="https://larkspur.example/blog/2-4/",
        title="Announcing Larkspur 2.4",
        adapter_name="webpage",
        coverage=Coverage.FULL,
        snippets=tuple(
            Snippet(id=f"s{place}", text=" ".join(PAGE[start : start + 4]), section="News")
            for place, start in enumerate(range(0, len(PAGE), 4), start=1)
        ),
        sources=("https://larkspur.example/blog/2-4/",),
        metadata={"author": "Ines Okafor", "date": "2025-03-12"},
    )
    facts = Facts(facts=(Fact(text=PAGE[0], snippet_ids=("s1",)),), coverage=Coverage.FULL)
    context = ProjectContext(
        description="A test team.",
        themes=(
            theme("Data platforms"),
            theme("Cloud & observability", stack=("Grafana dashboards", "alerts in 5 minutes")),
        ),
    )
    return Case(RuleInput(commentary, facts, evidence, render(commentary), context))
