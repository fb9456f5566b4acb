"""The pictures that pages refer to, and those that the tests in a browser take."""

import re
from pathlib import Path

from tests.docs.pages import ROOT

IMAGES = ROOT / "docs" / "images"
MAX_BYTES = 150_000
TAKEN_BY = ROOT / "tests" / "mobile" / "test_pictures_in_browser.py"


def pictures_on(page: Path) -> list[tuple[Path, str]]:
    """Return the file and the alternative text of each picture of a page."""
    tags = re.findall(r"<img\b[^>]*>", page.read_text())
    pairs = [(re.search(r'src="([^"]+)"', tag), re.search(r'alt="([^"]*)"', tag)) for tag in tags]
    return [((page.parent / src[1]).resolve(), alt[1] if alt else "") for src, alt in pairs if src]


def names_taken() -> set[str]:
    """Return the names of the pictures that the tests take."""
    return set(re.findall(r'take\(page, "([^"]+)"\)', TAKEN_BY.read_text()))
