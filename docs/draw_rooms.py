"""Draw the rooms of the house and the arrows between them, from the imports themselves.

python -m docs.draw_rooms          writes the picture into docs/architecture.md
python -m docs.draw_rooms --check  tells whether the picture is that of the code
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "architecture.md"
# From the ground floor to the top: a package imports itself and what stands before it.
PACKAGES = ("core", "accounts", "registry", "analysis", "training", "older_app", "signalcraft")
FOUND_BY_DJANGO = ("apps", "urls")
PICTURE = re.compile(r"(?<=<!-- rooms -->\n).*?(?=<!-- /rooms -->)", re.DOTALL)

Arrows = Mapping[str, set[str]]


@cache
def find_modules() -> Mapping[str, Path]:
    """Map the dotted name of every module of the packages, migrations aside, to its file."""
    paths = (path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py")))
    return {get_dotted_name(path): path for path in paths if "migrations" not in path.parts}


def get_dotted_name(path: Path) -> str:
    """Name a file as an import does."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def find_imports(path: Path, tree: ast.AST | None = None) -> Iterator[str]:
    """Yield every name that a file imports, in full; for types and inside functions too."""
    for node in ast.walk(tree or ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{resolve_origin(path, node)}.{alias.name}" for alias in node.names)


def resolve_origin(path: Path, node: ast.ImportFrom) -> str:
    """Name the module that a `from` import names, also a relative one."""
    if not node.level:
        return node.module or ""
    package = path.relative_to(PROJECT).parent.parts
    parents = package[: len(package) - node.level + 1]
    return ".".join(parents + ((node.module,) if node.module else ()))


@cache
def collect_module_arrows() -> Arrows:
    """Map each module to the modules of ours that it imports."""
    modules = find_modules()
    arrows: dict[str, set[str]] = {}
    for module, path in modules.items():
        imported = {find_module(name, modules) for name in find_imports(path)}
        arrows[module] = {name for name in imported if name and name != module}
    return arrows


def find_module(name: str, modules: Mapping[str, Path]) -> str | None:
    """Find the module that an imported name is, or is defined in; None: it is not ours."""
    if name in modules:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in modules else None


@cache
def find_room(module: str) -> str:
    """Name the room that a module stands in: its folder, or the hall or ground of its package.

    What stands directly in a package uses its folders (the hall), or is used by them (the ground).
    """
    package, *path = module.split(".")
    if path and (PROJECT / package / path[0]).is_dir():
        return f"{package}.{path[0]}"
    return f"{package}.hall" if uses_folders(module) else f"{package}.ground"


@cache
def uses_folders(module: str) -> bool:
    """Whether a module directly in a package uses its folders, itself or through others."""
    package = module.split(".")[0]
    beside = {name for name in collect_module_arrows()[module] if name.startswith(f"{package}.")}
    return any(is_in_folder(name) or uses_folders(name) for name in beside)


def is_in_folder(module: str) -> bool:
    """Whether a module stands in a folder of its package."""
    return find_modules()[module].parent != PROJECT / module.split(".")[0]


@cache
def collect_room_arrows() -> Arrows:
    """Map each room to the rooms that its modules import, without what only Django looks for."""
    arrows: defaultdict[str, set[str]] = defaultdict(set)
    for module, targets in collect_module_arrows().items():
        if module.split(".")[-1] in FOUND_BY_DJANGO or module in PACKAGES:
            continue
        room = find_room(module)
        arrows[room] |= {find_room(target) for target in targets} - {room}
    return arrows


def drop_detours(arrows: Arrows) -> Arrows:
    """Drop the arrows between packages that follow from others, so that the picture can be read."""
    kept: dict[str, set[str]] = {}
    for room, targets in arrows.items():
        indirect: set[str] = set()
        for target in targets:
            indirect |= find_reachable(target, arrows, past=room)
        kept[room] = targets - indirect
    return kept


def find_reachable(start: str, arrows: Arrows, *, past: str) -> set[str]:
    """Find every room that can be reached from one, without going back through `past`."""
    found: set[str] = set()
    waiting = set(arrows.get(start, ())) - {past}
    while waiting:
        room = waiting.pop()
        found.add(room)
        waiting |= set(arrows.get(room, ())) - found - {past, start}
    return found - {start}


def draw() -> str:
    """Write the rooms and arrows as a Mermaid flowchart, which code hosts show as a picture."""
    arrows = collect_room_arrows()
    lines = ["```mermaid", "flowchart TD"]
    for package in reversed(PACKAGES):
        rooms = sorted(room for room in arrows if room.split(".")[0] == package)
        lines.append(f"    subgraph {package}")
        lines += [f'        {format_identifier(room)}["{format_label(room)}"]' for room in rooms]
        lines.append("    end")
    for room, targets in sorted(drop_detours(arrows).items()):
        lines += [
            f"    {format_identifier(room)} --> {format_identifier(target)}"
            for target in sorted(targets)
        ]
    lines += ["```", ""]
    return "\n".join(lines)


def format_identifier(room: str) -> str:
    """Name a room as Mermaid allows."""
    return room.replace(".", "_")


def format_label(room: str) -> str:
    """Name a folder with a slash; of a hall and of a ground, tell the modules."""
    name = room.split(".")[1]
    if name not in ("hall", "ground"):
        return f"{name}/"
    modules = sorted(name.split(".")[-1] for name in find_modules() if is_shown_in(name, room))
    return "`" + "\n".join(modules) + "`"


def is_shown_in(module: str, room: str) -> bool:
    """Whether a module is one that the picture names in this hall or ground."""
    is_hidden = module in PACKAGES or module.split(".")[-1] in FOUND_BY_DJANGO
    return not is_hidden and find_room(module) == room


def main(*options: str) -> int:
    """Write the picture, or with --check tell whether it is up to date; 0: it is."""
    page = PAGE.read_text(encoding="utf-8")
    drawn = PICTURE.sub(lambda _: draw(), page)
    if "--check" in options:
        return int(drawn != page)
    PAGE.write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
