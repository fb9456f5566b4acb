"""What the pages list is what the code has."""

import ast
import re

from accounts.roles import ROLES
from registry import signals
from signalcraft.schema import collect_codes
from tests.docs.pages import ROOT, codes_in, rows_of
from training.checks import issues

DOCS = ROOT / "docs"


def variables() -> dict[str, str]:
    """Return each variable of .env.example with its default."""
    return dict(re.findall(r"(?m)^#?([A-Z][A-Z0-9_]*)=(.*)$", (ROOT / ".env.example").read_text()))


def test_every_variable_is_listed_with_its_default():
    rows = list(rows_of(DOCS / "configure.md", heading="variable"))
    listed = {codes_in(name)[0]: default for name, default, _ in rows}
    assert len(rows) == len(listed)
    # What bootstrap.py writes has no default.
    assert listed.pop("SECRET_KEY") == "written to `.env` by `bootstrap.py`"
    expected = {name: f"`{value}`" if value else "" for name, value in variables().items()}
    assert listed == {name: value for name, value in expected.items() if name != "SECRET_KEY"}


def test_every_error_code_is_listed_once():
    listed = [
        code for row in rows_of(DOCS / "api.md", heading="status") for code in codes_in(row[1])
    ]
    assert sorted(listed) == collect_codes()


def issue_codes() -> set[str]:
    """Return the codes that the checks of recordings write, and those that have a name."""
    sources = [*(ROOT / "training/checks").glob("*.py"), ROOT / "training/serving_gate.py"]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source.read_text()))]
    written = {
        str(node.args[0].value)
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Issue" and node.args
        if isinstance(node.args[0], ast.Constant)
    }
    return written | {value for value in vars(issues).values() if is_code(value)}


def is_code(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[a-z]+(_[a-z]+)*", value))


def test_every_issue_of_the_recordings_is_listed_once():
    rows = rows_of(DOCS / "train.md", heading="code")
    listed = [code for row in rows for code in codes_in(row[0])]
    assert len(listed) == len(set(listed))
    assert issue_codes() - set(listed) == set()


def test_every_role_is_listed():
    assert [row[0] for row in rows_of(DOCS / "operate.md", heading="group")] == list(ROLES)


def test_every_signal_is_listed():
    listed = {codes_in(row[0])[0] for row in rows_of(DOCS / "extend.md", heading="signal")}
    assert listed == {
        name for name in vars(signals) if isinstance(getattr(signals, name), signals.Signal)
    }


def test_the_hooks_are_the_checks_that_the_tests_begin_with():
    hooks = re.findall(
        r"(?m)^ +entry: python (.+)$", (ROOT / ".pre-commit-config.yaml").read_text()
    )
    checks = [", ".join(f'"{word}"' for word in hook.split()) for hook in hooks]
    bootstrap = (ROOT / "bootstrap.py").read_text()
    assert len(checks) == 4
    assert [check for check in checks if check not in bootstrap] == []
