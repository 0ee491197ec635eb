"""A technical page written for tests of the extractive model, and evidence made from any text."""

from __future__ import annotations

from technoshare_commentator.domain import Coverage, Evidence, Snippet

URL = "https://blog.example.org/marlstone"
TITLE = "Marlstone 3.0: a vector index that fits on a laptop"
PAGE = {
    "": """
        Marlstone is an embedded vector search engine for documents that may not leave a machine. It stores embeddings
        in a memory-mapped file and answers queries without a server. Teams use it to search manuals, tickets and
        contracts on laptops with 16 GB of memory.
    """,
    "How it works": """
        The index keeps 4-bit codes in memory and leaves the full vectors on disk for a last re-ranking step. Hybrid
        search runs the keyword branch and the vector branch on separate threads and merges both rankings. Each
        segment carries a checksum, so a torn write is found when the file is opened.
    """,
    "Figures": """
        On 10 million passages Marlstone answers a query in 4.1 ms at the median and 9.8 ms at the 99th percentile.
        Recall at ten neighbours is 0.962, measured with 1,000 held-out queries. Building the index takes 38 minutes
        on eight cores and needs 3.2 GB of memory.
    """,
    "What is new": """
        Version 3.0 adds streaming inserts, which make a document searchable within 200 ms of a commit. The new file
        format replaces the separate keyword index and halves the size on disk. Filters are now compiled to bitmaps
        and checked while the graph is traversed.
    """,
    "Limits": """
        Marlstone runs on one node and has no replication, sharding or network protocol. Vectors may have at most
        4,096 dimensions, and document ids are unsigned 64-bit integers. Network file systems are refused because
        memory mapping over them is unreliable.
    """,
    "Comparison": """
        Unlike Gravelpit, which is a server with its own query language, Marlstone is a library and shares the
        lifetime of your process. Compared with Siltbase, it uses a sixth of the memory and gives up 1.3 points of
        recall.
    """,
    "Notes": """
        The authors tested retrieval on questions that employees of two insurers had really asked. Chunks follow the
        headings of a document and never cross them. A background compaction rewrites a segment once a fifth of it is
        dead.
    """,
    "License": """
        Marlstone is licensed under the Apache License, Version 2.0, like all our projects.
    """,
    "Contributing": """
        We welcome contributions of every size, and good first issues are labelled in the tracker.
    """,
}


def evidence_of(*texts: str, title: str = "A page", sections: tuple[str, ...] = (), url: str = URL) -> Evidence:
    """Return evidence with one snippet for each text, under the heading of the same place."""
    headings = (*sections, *[""] * (len(texts) - len(sections)))
    snippets = (
        Snippet(id=f"s{place}", text=text, section=section)
        for place, (text, section) in enumerate(zip(texts, headings, strict=True), start=1)
    )
    return Evidence(
        url=url,
        final_url=url,
        title=title,
        adapter_name="webpage",
        coverage=Coverage.FULL,
        snippets=tuple(snippets),
        sources=(url,),
    )


def authored_page() -> Evidence:
    """Return a page with enough good sentences for the whole contract."""
    texts = (" ".join(text.split()) for text in PAGE.values())
    return evidence_of(*texts, title=TITLE, sections=tuple(PAGE))
