"""Make the picture of the review page that the README shows: docs/review.png.

    python docs/review_picture.py

Reviews the articles in examples/ with the example categories, in Chromium.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs/review.png"
SHOWN = "examples/retrospectives-that-change-something.md"

sys.path.insert(0, str(ROOT / "tests"))
from support.browser import Browser  # noqa: E402


def main() -> None:
    with tempfile.TemporaryDirectory() as name, Browser() as browser:
        shutil.copytree(ROOT / "examples", Path(name, "examples"))
        command = ["classify", "review", "examples", "--no-browser", "--quiet"]
        server = subprocess.Popen(command, cwd=name, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        try:
            page = browser.open(
                f"{address}#article={SHOWN.replace('/', '%2F')}",
                width=1120,
                height=660,
                ready="document.documentElement?.dataset.whole !== undefined",
            )
            page.press("a")
            page.until("document.documentElement.dataset.verdicts === '1'")
            page.click(".definition summary")
            page.run("document.querySelector('.pairs').scrollTop = 0")
            page.run("document.querySelector('.text').scrollTop = 0")
            page.screenshot(FILE)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


if __name__ == "__main__":
    main()
