"""The rules of the house: imports run one way, walls hold, nothing grows too long."""

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

from docs import draw_rooms
from docs.draw_rooms import (
    PACKAGES,
    collect_module_arrows,
    collect_room_arrows,
    find_imports,
    find_modules,
)
from tests.support.places import PROJECT

# Rooms that take parameters and know no framework, each with what of ours it may import.
WITHOUT_FRAMEWORK = {
    "analysis.sound": ("analysis.sound", "analysis.errors"),
    "analysis.detectors": ("analysis.detectors", "analysis.sound", "analysis.errors"),
}
FRAMEWORKS = {"django", "rest_framework", "rest_framework_simplejwt", "drf_spectacular", "environ"}

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
    "av",
}
# FFmpeg: a file that breaks it must break nothing else.
IN_THE_DECODING_CHILD = {"analysis.sound.decoding.ffmpeg", "analysis.sound.decoding_child"}

# "module: imported module": why that import cannot stand at the top.
LATE_IMPORTS = {
    "signalcraft.asgi: signalcraft.front.serving.build_front": (
        "it needs the Django that signalcraft.wsgi sets up"
    ),
    "signalcraft.wsgi: analysis.sound.decoding.pool.replace_decoders": (
        "numpy may only be loaded once its threads are limited"
    ),
    "accounts.apps: accounts.roles.grant_roles": "an app is made before its models can be",
    "registry.apps: registry.models.machine_types.seed_machine_types": (
        "an app is made before its models can be"
    ),
}

# Names that stand in a string although what they name is above.
NAMES_ABOVE = {
    "accounts.roles": "a role is a list of permissions, and every package has its own",
    "accounts.examples": "the example of an answer lists permissions",
}
# Relations from above that are followed until the admin's pages are put together on the top floor.
REACHES_UP = {
    "registry.models.figures": "the list of models shows figures of evaluations and calibrations",
    "registry.admin.statistics": "the page of a model shows its analyses by week",
}

# Lists of a package that packages above fill as they are loaded, until then likewise.
HOOK_LISTS = {
    "registry.admin.panels": "the page of a model shows panels of analysis and training",
}

VAGUE_NAMES = {"utils", "util", "helpers", "common", "services", "selectors", "managers", "misc"}

MAX_FILES_IN_A_FOLDER = 20
MAX_LINES_OF_A_FILE = 400
MAX_LINES_OF_A_FUNCTION = 40

MODULES = find_modules()


def sources(*folders: str) -> list[Path]:
    paths = (path for folder in folders for path in (PROJECT / folder).rglob("*.py"))
    return sorted(path for path in paths if "migrations" not in path.parts)


EVERY_SOURCE = [*sources(*PACKAGES, "tests", "benchmarks", "docs"), PROJECT / "bootstrap.py"]


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_within(name: str, *rooms: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def package_of(name: str) -> str:
    return name.split(".")[0]


def floor_of(name: str) -> int:
    return PACKAGES.index(package_of(name))


def is_ours(name: str) -> bool:
    return package_of(name) in PACKAGES


def strings_of(path: Path) -> Iterator[str]:
    constants = (node for node in ast.walk(parse(path)) if isinstance(node, ast.Constant))
    yield from (node.value for node in constants if isinstance(node.value, str))


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    yield from (node for node in ast.walk(parse(path)) if isinstance(node, kinds))


def late_imports(module: str) -> Iterator[str]:
    for function in functions_of(MODULES[module]):
        names = find_imports(MODULES[module], function)
        yield from (f"{module}: {name}" for name in names if is_ours(name))


def test_there_is_something_to_look_at():
    assert {"signalcraft.settings", "registry.models", "training.demo_sounds"} <= MODULES.keys()
    assert {"analysis.sound.audio", "analysis.detectors.forest"} <= MODULES.keys()
    assert collect_module_arrows()["analysis.detectors.forest"] >= {"analysis.detectors.base"}


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_downwards(module):
    targets = collect_module_arrows()[module]
    assert {target for target in targets if floor_of(target) > floor_of(module)} == set()


@pytest.mark.parametrize(
    "arrows", [collect_module_arrows, collect_room_arrows], ids=["modules", "rooms"]
)
def test_nothing_imports_itself_in_a_circle_not_even_for_types(arrows):
    try:
        TopologicalSorter(arrows()).prepare()
    except CycleError as exc:
        pytest.fail(f"A circle of imports: {' <- '.join(exc.args[1])}")


@pytest.mark.parametrize("room", WITHOUT_FRAMEWORK)
def test_sound_and_detectors_know_no_framework(room):
    inside = [module for module in MODULES if is_within(module, room)]
    names = {name for module in inside for name in find_imports(MODULES[module])}
    assert inside
    assert {name for name in names if package_of(name) in FRAMEWORKS} == set()
    ours = {name for name in names if is_ours(name)}
    assert {name for name in ours if not is_within(name, *WITHOUT_FRAMEWORK[room])} == set()


@pytest.mark.parametrize("module", MODULES)
def test_no_string_reaches_up(module):
    """A dotted path or an `app.Model` in a string is an import too."""
    path_like = re.compile(rf"({'|'.join(PACKAGES)})(\.\w+)+")
    texts = strings_of(MODULES[module])
    named = {text for text in texts if path_like.fullmatch(text)}
    from_above = {text for text in named if floor_of(text) > floor_of(module)}
    has_reason = module in NAMES_ABOVE
    assert bool(from_above) is has_reason, from_above


@pytest.mark.parametrize("module", MODULES)
def test_no_query_follows_a_relation_up(module):
    """A reverse relation that a package above has made is a name that this one cannot know."""
    made_above = relations_made_above(package_of(module))
    looked_up = {text.split("__")[0] for text in strings_of(MODULES[module]) if text.isidentifier()}
    has_reason = module in REACHES_UP
    found = looked_up & made_above
    assert bool(found) is has_reason, found


def test_only_named_lists_are_filled_from_above():
    filled = {origin for module in MODULES for origin in origins_of_filled_lists(module)}
    assert filled == HOOK_LISTS.keys()


def origins_of_filled_lists(module: str) -> Iterator[str]:
    """Yield the modules of other packages that define a list which this one appends to."""
    tree = parse(MODULES[module])
    origins = {
        alias.asname or alias.name: node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    statements = [node.value for node in tree.body if isinstance(node, ast.Expr)]
    methods = [call.func for call in statements if isinstance(call, ast.Call)]
    for method in methods:
        if isinstance(method, ast.Attribute) and method.attr in ("append", "extend", "update"):
            origin = origins.get(ast.unparse(method.value), "")
            if is_ours(origin) and package_of(origin) != package_of(module):
                yield origin


@cache
def relations_made_above(package: str) -> frozenset[str]:
    """Name the reverse relations to a package's tables that packages above have made."""
    if package not in {config.label for config in apps.get_app_configs()}:
        return frozenset()
    relations = (
        (relation.related_model._meta.app_label, relation.get_accessor_name())
        for model in apps.get_app_config(package).get_models()
        for relation in model._meta.related_objects
    )
    from_above = {name for label, name in relations if is_above(label, package)}
    return frozenset(filter(None, from_above))


def is_above(label: str, package: str) -> bool:
    return label in PACKAGES and floor_of(label) > floor_of(package)


@pytest.mark.parametrize("module", [name for name in MODULES if not is_within(name, "training")])
def test_heavy_libraries_stay_in_training(module):
    names = find_imports(MODULES[module])
    allowed = {"av"} if module in IN_THE_DECODING_CHILD else set()
    assert {package_of(name) for name in names if is_within(name, *HEAVY)} <= allowed


def in_a_web_worker(code: str) -> set[str]:
    """What a process prints that has loaded all there is before the first request."""
    load = "import sys, signalcraft.wsgi, django.urls; django.urls.get_resolver().url_patterns; "
    threads = "_NUM_THREADS"
    environment = {name: value for name, value in os.environ.items() if not name.endswith(threads)}
    worker = subprocess.run(
        [sys.executable, "-c", load + code],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return set(worker.stdout.split())


def test_a_web_worker_loads_no_heavy_library():
    loaded = in_a_web_worker("print(*sys.modules)")
    assert "registry.models" in loaded
    assert HEAVY & loaded == set()


def test_the_decoding_child_loads_only_what_decodes():
    load = "import sys, analysis.sound.decoding_child; print(*sys.modules)"
    child = subprocess.run(
        [sys.executable, "-c", load], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True
    )
    packages = {name.partition(".")[0] for name in child.stdout.split()}
    assert {"av", "numpy", "soxr"} <= packages
    assert packages & (FRAMEWORKS | {"soundfile", "scipy", "registry", "signalcraft"}) == set()


def test_a_web_worker_computes_on_one_core_a_request():
    pools = "threadpoolctl.threadpool_info()"
    code = f"import numpy, threadpoolctl; print(*(pool['num_threads'] for pool in {pools}))"
    assert in_a_web_worker(code) == {"1"}


@pytest.mark.parametrize("module", MODULES)
def test_no_late_import_hides_a_cycle(module):
    assert set(late_imports(module)) <= LATE_IMPORTS.keys()


def test_every_late_import_that_is_excused_exists():
    late = {name for module in MODULES for name in late_imports(module)}
    assert LATE_IMPORTS.keys() <= late


def test_the_errors_of_the_ground_floor_import_nothing():
    assert list(find_imports(MODULES["core.errors"])) == []


def test_the_wiring_package_is_empty():
    assert MODULES["signalcraft"].read_text() == ""


@pytest.mark.parametrize("folder", sorted({path.parent for path in EVERY_SOURCE}), ids=str)
def test_a_folder_can_be_seen_at_a_glance(folder):
    assert len(list(folder.glob("*.py"))) <= MAX_FILES_IN_A_FOLDER


@pytest.mark.parametrize("path", EVERY_SOURCE, ids=str)
def test_files_and_functions_stay_short(path):
    functions = functions_of(path)
    lines = {(each.name, each.lineno): each.end_lineno - each.lineno + 1 for each in functions}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES_OF_A_FILE
    assert {name: n for name, n in lines.items() if n > MAX_LINES_OF_A_FUNCTION} == {}


@pytest.mark.parametrize("module", MODULES)
def test_names_say_what_a_module_does(module):
    assert not VAGUE_NAMES & set(re.split(r"[._]", module))


COMMANDS = [
    name.split(".")[-1] for name in MODULES if re.fullmatch(r"\w+\.management\.commands\.\w+", name)
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_called_by_a_test(command):
    tests = "".join(path.read_text(encoding="utf-8") for path in sources("tests"))
    assert re.search(rf"call_command\(\s*[\"']{command}[\"']", tests)


def test_the_picture_of_the_rooms_is_that_of_the_code():
    assert draw_rooms.main("--check") == 0, "python -m docs.draw_rooms draws it anew"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_ends_with_an_example_that_it_understands(command):
    loaded = load_command_class(get_commands()[command], command)
    arguments = shlex.split(loaded.example)
    parser = loaded.create_parser("manage.py", command)
    assert f"manage.py {command} {loaded.example}".strip() in " ".join(parser.format_help().split())
    parser.parse_args(arguments)
