"""What the pages name is there: files, rooms, commands and their options."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.docs.pages import PAGES, ROOT, codes_in, rows_of, without_fences

ROOMS = ("signalcraft", "training", "older_app", "analysis", "registry", "accounts", "core")
FOLDERS = (*ROOMS, "benchmarks", "docs", "mobile", "tests")
# What is made on the way, by the build of the app and from the schema.
MADE = ("mobile/dist", "mobile/dist/build.log", "mobile/openapi.yaml")
# What changed is told by the names of that day.
LASTING = [page for page in PAGES if page.name != "CHANGELOG.md"]
# Folders that Django or Python asks for.
NO_ROOMS = {"management", "commands", "migrations", "templatetags", "formats", "en", "ko"}

every_lasting_page = pytest.mark.parametrize(
    "page", LASTING, ids=lambda page: str(page.relative_to(ROOT))
)


def code_spans(page: Path) -> list[str]:
    return codes_in(without_fences(page.read_text()))


def file_names() -> set[str]:
    folders = [
        path
        for folder in FOLDERS
        for path in (ROOT / folder).iterdir()
        if path.name != "node_modules"
    ]
    below = {path.name for folder in folders if folder.is_dir() for path in folder.rglob("*.*")}
    return below | {path.name for path in folders} | {path.name for path in ROOT.iterdir()}


def commands_of(page: Path) -> list[list[str]]:
    """Return the words of each call of manage.py in a block of code."""
    blocks = re.findall(r"(?ms)^```\n(.*?)^```$", page.read_text())
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [
        shlex.split(line.partition("manage.py ")[2])
        for line in lines
        if "python manage.py " in line
    ]


@every_lasting_page
def test_every_path_that_is_named_exists(page):
    paths = {
        span for span in code_spans(page) if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./-]*", span)
    }
    assert {path for path in paths if path not in MADE and not (ROOT / path).exists()} == set()


@every_lasting_page
def test_every_file_that_is_named_without_its_folder_exists(page):
    names = {span for span in code_spans(page) if re.fullmatch(r"\w[\w.]*\.(py|tsx?)", span)}
    assert names - file_names() == set()


@every_lasting_page
def test_every_module_that_is_run_exists(page):
    modules = re.findall(r"python -m ((?:benchmarks|signalcraft)[\w.]+)", page.read_text())
    assert {
        name for name in modules if not (ROOT / f"{name.replace('.', '/')}.py").exists()
    } == set()


@every_lasting_page
def test_every_command_that_is_named_exists(page):
    named = set(re.findall(r"manage\.py (\w+)", page.read_text()))
    assert named - get_commands().keys() == set()


@every_lasting_page
def test_every_option_of_a_command_that_is_shown_exists(page):
    for name, *words in commands_of(page):
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        options = {option for action in parser._actions for option in action.option_strings}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options


def test_every_room_is_described():
    packages = {path.parent for room in ROOMS for path in (ROOT / room).rglob("__init__.py")}
    rooms = {f"{path.relative_to(ROOT)}/" for path in packages if path.name not in NO_ROOMS}
    described = {
        codes_in(row[0])[0] for row in rows_of(ROOT / "docs/architecture.md", heading="room")
    }
    assert described == rooms


def test_every_page_that_the_code_names_exists():
    sources = [path for room in (*ROOMS, "benchmarks") for path in (ROOT / room).rglob("*.py")]
    named = {page for path in sources for page in re.findall(r"docs/[\w/-]+\.md", path.read_text())}
    assert named
    assert {page for page in named if not (ROOT / page).exists()} == set()
