"""``python -m tests.support.drill.outside``: about eighty checks, each in a process of its own.

Which of them held is printed as one line of JSON; ``--only WORD`` runs those with it in the name.
"""

from __future__ import annotations

import argparse
import sys

from tests.support.drill.outside import disks, files, names, numbers, states  # noqa: F401
from tests.support.drill.outside.trying import CHECKS, report, tried


def main() -> int:
    """Run them; the exit status says whether all held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    found = {}
    for name in CHECKS:
        if options.only in name:
            found[name] = tried(name)
            print("held" if not found[name] else f"NOT: {found[name]}", name, file=sys.stderr)
    print(report(found))
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
