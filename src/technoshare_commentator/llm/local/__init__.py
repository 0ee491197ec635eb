"""Small language models on this machine, behind the same API that the large ones have."""
