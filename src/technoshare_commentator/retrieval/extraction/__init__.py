"""From bytes to evidence: what they are, which text of them counts, cut into snippets."""
