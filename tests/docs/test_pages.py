"""The pages lead somewhere, and are read in any window."""

import re

import pytest

from tests.docs.pages import PAGES, ROOT, anchors_of, links_of, title_of

OURS = [page for page in PAGES if page.name != "README.md" or page.parent != ROOT / "benchmarks"]
DECISIONS = ROOT / "docs/decisions"
MAX_COLUMNS = 100

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@every_page
def test_every_link_leads_to_a_file(page):
    files = {target.partition("#")[0] for target in links_of(page)}
    assert {file for file in files if file and not (page.parent / file).exists()} == set()


@every_page
def test_every_anchor_is_a_heading(page):
    with_anchor = [target.partition("#") for target in links_of(page) if "#" in target]
    missing = {
        f"{file}#{anchor}"
        for file, _, anchor in with_anchor
        if anchor not in anchors_of(page.parent / file if file else page)
    }
    assert missing == set()


@every_page
def test_a_page_has_one_title(page):
    assert re.match(r"# \S", page.read_text())


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 140


@pytest.mark.parametrize("page", OURS, ids=lambda page: str(page.relative_to(ROOT)))
def test_lines_fit_into_100_columns(page):
    # A row of a table cannot be broken; README has none that would have to be.
    is_free = page.name == "README.md" and page.parent == ROOT
    lines = [line for line in page.read_text().splitlines() if is_free or not line.startswith("|")]
    assert [line for line in lines if len(line) > MAX_COLUMNS] == []


def test_every_page_is_found_from_the_readme():
    seen = set()
    to_read = [ROOT / "README.md"]
    while to_read:
        page = to_read.pop()
        seen.add(page)
        targets = {(page.parent / target.partition("#")[0]).resolve() for target in links_of(page)}
        to_read += [target for target in targets if target in PAGES and target not in seen]
    assert set(PAGES) - seen == set()


def test_the_index_of_decisions_is_complete_and_in_order():
    index = (DECISIONS / "README.md").read_text().replace("\n  ", " ")
    listed = re.findall(r"(?m)^- \[(.+)\]\((.+)\)$", index)
    pages = {
        page.name: title_of(page) for page in DECISIONS.glob("*.md") if page.name != "README.md"
    }
    assert {name: title for title, name in listed} == pages
    assert listed == sorted(listed)
