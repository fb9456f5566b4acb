"""The Markdown pages of the project, and what they refer to."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])


def without_fences(text: str) -> str:
    """Return the text without its blocks of code, line for line."""
    return re.sub(r"(?ms)^\s*```.*?^\s*```$", lambda block: "\n" * block[0].count("\n"), text)


def links_of(page: Path) -> Iterator[str]:
    """Yield the targets of the links, other servers' aside."""
    targets = re.findall(r"\[[^\]]+\]\(([^)\s]+)\)", without_fences(page.read_text()))
    yield from (target for target in targets if not re.match(r"\w+:", target))


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", without_fences(page.read_text()))
    return {anchor_of(heading) for heading in headings}


def anchor_of(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.replace(" ", "-")


def title_of(page: Path) -> str:
    return page.read_text().splitlines()[0].removeprefix("# ")


def rows_of(page: Path, *, heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables that have this first column."""
    is_inside = False
    for line in page.read_text().splitlines():
        cells = (
            [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        )
        if not cells:
            is_inside = False
        elif cells[0] == heading:
            is_inside = True
        elif is_inside and not set(line) <= set("|-: "):
            yield cells


def codes_in(cell: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)
