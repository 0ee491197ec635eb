"""Register the prompts of `prompts/` in MLflow's registry: `technoshare prompts sync`, with its options."""

from __future__ import annotations

import sys

from technoshare_commentator.cli.app import main

if __name__ == "__main__":
    sys.argv[1:1] = ["prompts", "sync"]
    main()
