"""All mutations, by what they break; the names are those of reports and of `technoshare evals mutate --only`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.quality.mutation import bullets, claims, debris, message, shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.quality.mutation.mutation import Mutation


def all_mutations(themes: Sequence[str]) -> tuple[Mutation, ...]:
    """Return every mutation in a stable order; `themes` are those of the team, which two of them need."""
    return (
        claims.changed_number,
        claims.changed_unit,
        claims.swapped_numbers,
        claims.swapped_name,
        claims.invented_name,
        claims.contradicted_claim,
        claims.added_claim,
        claims.off_topic_sentence,
        claims.invented_similar_technology,
        claims.uncited_fact,
        shape.dropped_section,
        shape.dropped_items,
        shape.too_many_items,
        shape.empty_item,
        shape.repeated_sentence,
        shape.near_copy,
        shape.merged_sentences,
        shape.truncated_text,
        shape.numbered_items,
        shape.endless_phrase,
        bullets.wrong_theme(themes),
        bullets.invented_theme(themes),
        bullets.general_themes,
        bullets.lost_bold,
        bullets.lost_separator,
        bullets.bullet_without_action,
        bullets.vague_action,
        bullets.repeated_action,
        debris.english_replaced,
        debris.placeholder_text,
        debris.meta_talk,
        debris.prompt_leaked,
        debris.echoed_instruction,
        debris.snippet_id_leaked,
        debris.json_leaked,
        debris.markdown_leaked,
        debris.mojibake,
        debris.mention_in_item,
        debris.invented_link,
        message.leaked_mention,
        message.lost_escape,
        message.markdown_in_slack,
        message.reordered_sections,
        message.section_missing_in_slack,
        message.item_lost_in_slack,
        message.title_lost,
        message.sections_run_together,
        message.truncated_message,
    )
