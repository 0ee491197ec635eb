"""Everything that docs/benchmarks.md reports: `python -m benchmarks` (or `make bench`).

python -m benchmarks                        both groups, as they are measured for the documentation
python -m benchmarks tracking --rounds 1    one group, with its options
python -m benchmarks evaluation --only ours,mlflow --cases 20 --rounds 1
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

GROUPS = ("tracking", "evaluation")


def main() -> int:
    """Run the named group, or all; each is a script of its own, so that its siblings are what it imports."""
    arguments = sys.argv[1:]
    if arguments and arguments[0] in GROUPS:
        return _run(*arguments)
    if arguments:
        print(__doc__, file=sys.stdout if arguments[0] in {"-h", "--help"} else sys.stderr)
        return 0 if arguments[0] in {"-h", "--help"} else 2
    return max(_run(group) for group in GROUPS)


def _run(group: str, *arguments: str) -> int:
    script = Path(__file__).with_name(f"{group}.py")
    return subprocess.run([sys.executable, str(script), *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
