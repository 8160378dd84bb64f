"""Known faults of the packages in this environment, by pip-audit; without a network it says so in one line.

Exit codes: 0 none known, 1 some are, 2 nothing could be asked.
"""

from __future__ import annotations

import json
import subprocess
import sys


def main() -> int:
    """Ask, print what is known, and return the exit code."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--local",
        "--skip-editable",
        "--progress-spinner",
        "off",
        "--format",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        packages = []
    asked = [package for package in packages if "skip_reason" not in package]
    if not asked:
        print("audit: no answer from the service that knows of faults; try again with a network", file=sys.stderr)  # noqa: T201
        return 2
    found = [(package, fault) for package in asked for fault in package["vulns"]]
    for package, fault in found:
        mended = ", ".join(fault["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {fault['id']}, mended by {mended}")  # noqa: T201
    unknown = len(packages) - len(asked)
    print(f"audit: known faults {len(found)}, packages asked about {len(asked)}, not known there {unknown}")  # noqa: T201
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
