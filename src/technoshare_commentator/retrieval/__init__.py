"""From a link to evidence: fetching, extraction and the sources, chosen by parsed host and content."""
