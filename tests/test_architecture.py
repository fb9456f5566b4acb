"""The rules of the house: imports run one way, heavy libraries stay where they belong, files stay small."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.places import PROJECT

APPS = ("signalcraft", "core", "accounts", "registry", "analysis", "training")

MAY_IMPORT = {
    "core": {"core"},
    "accounts": {"core", "accounts"},
    "registry": {"core", "registry", "accounts"},
    "analysis": {"core", "analysis", "registry", "accounts"},
    "training": {"core", "training", "analysis", "registry", "accounts"},
    "signalcraft": {"core", "signalcraft", "training", "analysis", "registry", "accounts"},
}

# They hear and judge, and take parameters: requests, rows and settings are for the rest of analysis.
WITHOUT_FRAMEWORK = ("analysis.sound", "analysis.detectors", "analysis.errors")
FRAMEWORKS = {
    "django",
    "rest_framework",
    "rest_framework_simplejwt",
    "drf_spectacular",
    "environ",
    "registry",
    "accounts",
}

# For training only: a web worker would pay for them in seconds and hundreds of megabytes.
HEAVY = {
    "torch",
    "sklearn",
    "librosa",
    "matplotlib",
    "scipy.signal",
    "scipy.stats",
    "numba",
    "pandas",
}

# "module: imported module": why that import cannot stand at the top.
LATE_IMPORTS = {
    "accounts.apps: accounts.roles.grant_roles": "an app is made before its models can be",
    "registry.apps: registry.models.machine_types.seed_machine_types": "an app is made before its models can be",
}

VAGUE_NAMES = {"utils", "util", "helpers", "common", "services", "selectors", "managers", "misc"}


def sources(*apps: str) -> list[Path]:
    return sorted(
        path
        for app in apps
        for path in (PROJECT / app).rglob("*.py")
        if "migrations" not in path.parts
    )


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {dotted(path): path for path in sources(*APPS)}


def imported_by(path: Path, *, tree: ast.AST | None = None) -> Iterator[str]:
    """Every name that is imported, in full: "registry.models", also for `from registry import models`."""
    for node in ast.walk(tree or ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            origin = from_where(path, node)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def from_where(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = path.relative_to(PROJECT).parent.parts
    return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])


def is_within(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


def late_imports(path: Path) -> Iterator[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for function in (
        node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, functions)
    ):
        yield from (name for name in imported_by(path, tree=function) if name.split(".")[0] in APPS)


def is_hearing_or_judging(name: str) -> bool:
    return any(is_within(name, module) for module in HEARING_AND_JUDGING)


HEARING_AND_JUDGING = [
    name for name in MODULES if any(is_within(name, room) for room in WITHOUT_FRAMEWORK)
]


def test_there_is_something_to_look_at():
    assert {"signalcraft.settings", "registry.models", "training.demo_sounds"} <= MODULES.keys()
    assert {"analysis.sound.audio", "analysis.detectors.forest"} <= set(HEARING_AND_JUDGING)


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module):
    path = MODULES[module]
    ours = {name for name in imported_by(path) if name.split(".")[0] in APPS}
    assert {
        name for name in ours if name.split(".")[0] not in MAY_IMPORT[module.split(".")[0]]
    } == set()


@pytest.mark.parametrize("module", HEARING_AND_JUDGING)
def test_hearing_and_judging_know_no_framework(module):
    names = set(imported_by(MODULES[module]))
    assert {name for name in names if name.split(".")[0] in FRAMEWORKS} == set()
    assert {
        name for name in names if is_within(name, "analysis") and not is_hearing_or_judging(name)
    } == set()


@pytest.mark.parametrize("module", [name for name in MODULES if not is_within(name, "training")])
def test_heavy_libraries_stay_in_training(module):
    found = {
        name for name in imported_by(MODULES[module]) for heavy in HEAVY if is_within(name, heavy)
    }
    assert found == set()


def in_a_web_worker(code: str) -> set[str]:
    """What a process prints that has loaded all there is before the first request: models, admin and views."""
    load = "import sys, signalcraft.wsgi, django.urls; django.urls.get_resolver().url_patterns; "
    worker = [sys.executable, "-c", load + code]
    environment = {
        name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")
    }
    return set(
        subprocess.run(
            worker, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout.split()
    )


def test_a_web_worker_loads_no_heavy_library():
    loaded = in_a_web_worker("print(*sys.modules)")
    assert "registry.models" in loaded
    assert HEAVY & loaded == set()


def test_a_web_worker_computes_on_one_core_a_request():
    code = "import numpy, threadpoolctl; print(*(pool['num_threads'] for pool in threadpoolctl.threadpool_info()))"
    assert in_a_web_worker(code) == {"1"}


@pytest.mark.parametrize("module", MODULES)
def test_no_late_import_hides_a_cycle(module):
    late = {f"{module}: {name}" for name in late_imports(MODULES[module])}
    assert late <= LATE_IMPORTS.keys()


def test_every_late_import_that_is_excused_exists():
    late = {f"{module}: {name}" for module, path in MODULES.items() for name in late_imports(path)}
    assert LATE_IMPORTS.keys() <= late


def test_errors_import_nothing():
    assert list(imported_by(MODULES["core.errors"])) == []


def test_the_wiring_package_is_empty():
    assert MODULES["signalcraft"].read_text() == ""


@pytest.mark.parametrize(
    "path", [*sources(*APPS, "tests", "benchmarks"), PROJECT / "bootstrap.py"], ids=str
)
def test_files_stay_short(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("module", MODULES)
def test_names_say_what_a_module_does(module):
    assert not VAGUE_NAMES & set(re.split(r"[._]", module))


COMMANDS = [
    name.split(".")[-1] for name in MODULES if re.fullmatch(r"\w+\.management\.commands\.\w+", name)
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_called_by_a_test(command):
    tests = "".join(path.read_text() for path in sources("tests"))
    assert re.search(rf"call_command\(\s*[\"']{command}[\"']", tests)
