"""Training our levels on a set of recordings by the commands a person would use."""

import io
from collections.abc import Sequence
from pathlib import Path

from django.core.management import call_command, get_commands

COMMANDS = {
    "level 1": (
        "train_if",
        ["--output_if_name", "{id}.pkl", "--output_scaler_name", "{id}_scaler.pkl"],
    ),
    "level 2": ("train_autoencoder", ["--output_name", "{id}.pth"]),
    "level 3": ("train_mahalanobis", ["--output_name", "{id}.npz"]),
}
# Fitted without randomness: the seed changes nothing.
DETERMINISTIC = {"level 3"}
TESTS = ("test_normal", "test_abnormal")


def list_levels() -> list[str]:
    """Return the levels that this release has a command for."""
    return [level for level, (command, _names) in COMMANDS.items() if command in get_commands()]


def find_sets(data: Path, names: Sequence[str] | None) -> list[Path]:
    """Return the folders below `data` that hold a set, or those of these names."""
    sets = {
        folder.name: folder
        for folder in sorted(data.iterdir())
        if (folder / "train_normal").is_dir()
    }
    if unknown := set(names or []) - sets.keys():
        raise FileNotFoundError(
            f"No set in {data} is called {', '.join(sorted(unknown))}; there are {', '.join(sets)}."
        )
    return [sets[name] for name in names or sets]


def list_recordings(folder: Path, part: str) -> list[Path]:
    """Return the files of one part of a set, in order of name."""
    return sorted(path for path in (folder / part).iterdir() if path.is_file())


def train(
    folder: Path,
    level: str,
    seed: int,
    group_by: str | None,
    *,
    tests: Sequence[str] = TESTS,
    split: str = "",
) -> str:
    """Train by command, let it evaluate on `tests`, and return the id of the model that serves."""
    model_id, command = make_command(folder, level, seed, group_by, tests=tests, split=split)
    call_command(*command, stdout=io.StringIO())
    serve_newest(model_id)
    return model_id


def make_command(
    folder: Path,
    level: str,
    seed: int,
    group_by: str | None,
    *,
    tests: Sequence[str] = (),
    split: str = "",
) -> tuple[str, list[str]]:
    """Return the id of the model that a command trains, and the command; each split has its own."""
    command, names = COMMANDS[level]
    parts = (folder.name, level.replace(" ", ""), split.replace(" ", ""), f"s{seed}")
    model_id = "_".join(part for part in parts if part)
    options = [option.format(id=model_id) for option in names]
    options += ["--data_dir", str(folder / "train_normal"), "--seed", str(seed)]
    for test in tests:
        options += [f"--{test}", str(folder / test)]
    if group_by:
        options += ["--group_by", group_by]
    return model_id, [command, *options]


def serve_newest(model_id: str) -> None:
    """Serve the newest version, even if training kept it a candidate: it is to be measured."""
    # Can be imported only once Django is set up.
    from registry.models import Action, RegisteredModel

    model = RegisteredModel.objects.get(pk=model_id)
    model.decide(Action.SERVE, model.versions.latest("number"), by=None, why="to be measured")
