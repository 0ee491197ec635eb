"""Sessions that tests start are not the job that GitHub runs, and do not speak for it: import this first."""

import os

for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
    os.environ.pop(name, None)
