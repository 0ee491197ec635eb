"""Register the prompts of `prompts/` in MLflow's registry; one whose content has not changed keeps its version."""

from __future__ import annotations

import sys

from technoshare_commentator.config import load_settings
from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.mlops.prompt_registry import sync_prompts
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.prompts import STAGE_A, STAGE_B, load_prompt


def main() -> int:
    try:
        folder = load_settings().prompts_dir
        prompts = [load_prompt(name, folder) for name in (STAGE_A, STAGE_B)]
        for synced in sync_prompts(prompts, load_tracking_settings().uri):
            print(f"{synced.name}: version {synced.version} {'registered' if synced.created else 'is up to date'}")
    except TechnoShareError as error:
        print(f"sync_prompts: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
