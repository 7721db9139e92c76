"""Sees to a Chromium for the browser tests before they run: `make test` calls it. Does nothing where one is found."""

import os
import shutil
import subprocess
import sys

from tests.support.chromium import find_chromium


def main() -> int:
    if find_chromium():
        return 0
    attempts = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"],
        ]
    else:
        attempts += [[sys.executable, "-m", "playwright", "install", "chromium"]]
    for command in attempts:
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if find_chromium():
        return 0
    sys.stderr.write(
        "No Chromium could be installed: install one, or name it with CHROMIUM=/path; the browser tests need it.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
