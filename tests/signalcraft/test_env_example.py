"""What .env.example says is what the code reads."""

import ast
import re

import pytest

from tests.support.places import PROJECT

LINES = (PROJECT / ".env.example").read_text().splitlines()
VARIABLE = re.compile(r"#?([A-Z][A-Z0-9_]*)=")


def documented() -> list[str]:
    return [match[1] for line in LINES if (match := VARIABLE.match(line))]


def variables_read(file: str, *, readers: set[str]) -> set[str]:
    """Yield the names in env.str("NAME"), os.environ.get("NAME") and setting("NAME")."""
    calls = [
        node
        for node in ast.walk(ast.parse((PROJECT / file).read_text()))
        if isinstance(node, ast.Call)
    ]
    return {
        argument.value
        for call in calls
        for argument in call.args[:1]
        if re.sub(r"\.\w+$", "", ast.unparse(call.func)) in readers
        and isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
    }


def test_it_lists_what_the_code_reads_and_nothing_else():
    read = variables_read("signalcraft/settings.py", readers={"env"})
    read |= variables_read("bootstrap.py", readers={"os.environ", "setting"})
    assert set(documented()) == read


def test_no_variable_is_listed_twice():
    assert len(documented()) == len(set(documented()))


@pytest.mark.parametrize("name", documented())
def test_a_comment_of_one_line_says_what_it_is_for(name):
    (at,) = [number for number, line in enumerate(LINES) if re.match(f"#?{name}=", line)]
    blank, comment = LINES[at - 2 : at]
    assert not blank
    assert re.fullmatch(r"# .+\.", comment)


def test_only_settings_and_bootstrap_read_the_environment():
    # The last hands on to a child where the system keeps its files, which is no setting.
    allowed = {"signalcraft/settings.py", "bootstrap.py", "analysis/sound/decoding/pool.py"}
    sources = [
        path for path in PROJECT.glob("*/**/*.py") if path.relative_to(PROJECT).parts[0] in PACKAGES
    ]
    readers = {
        str(path.relative_to(PROJECT))
        for path in sources
        if re.search(r"os\.(environ\b(?!\.setdefault)|getenv)", path.read_text())
    }
    assert readers <= allowed


PACKAGES = {"signalcraft", "accounts", "registry", "analysis", "training", "older_app"}
