"""The memory of one web worker: after many analyses, beside one that imports training's libraries, with many models."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks.support.clips import set_of_clips, ten_second_wavs
from benchmarks.support.levels import COMMANDS, train
from benchmarks.support.load import analysis_request, answered
from benchmarks.support.processes import free_port, largest_worker_mib, ours
from benchmarks.support.sandbox import access_token, sandbox, serving_version

if TYPE_CHECKING:
    from registry.models import ModelVersion

N_ANALYSES = 100
N_MODELS, CACHED = 500, 50
# By when every thread of the worker has heard something.
WARM_MODELS = 150


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="a set of recordings; without it, a pump is synthesised"
    )
    options = parser.parse_args()
    with sandbox(), set_of_clips(options.data) as folder:
        wav = ten_second_wavs(folder, 1)[0]
        model_ids = [train(folder, level, 0, None) for level in COMMANDS]
        table = Table(
            "worker",
            f"after {N_ANALYSES // 2}",
            f"after {N_ANALYSES}",
            title="Analyses at both levels: MiB",
        )
        for application in (
            "signalcraft.wsgi:application",
            "benchmarks.peers.heavy_worker:application",
        ):
            half, whole = watch(
                application, model_ids * (N_ANALYSES // 2), wav, [N_ANALYSES // 2, N_ANALYSES]
            )
            table.add_row(application, f"{half:.1f}", f"{whole:.1f}")
        many = publish_copies(serving_version(model_ids[0]))
        marks = [WARM_MODELS, N_MODELS // 2, N_MODELS]
        models = Table(
            *(f"after {mark}" for mark in marks),
            title=f"{N_MODELS} models through {CACHED} places: MiB",
        )
        models.add_row(
            *(f"{mib:.1f}" for mib in watch("signalcraft.wsgi:application", many, wav, marks))
        )
    Console(width=120).print(table, models)


def watch(application: str, model_ids: list[str], wav: bytes, marks: list[int]) -> list[float]:
    """Ask one model after the other, and look at the worker after so many."""
    port, token = free_port(), access_token()
    seen_mib = []
    with ours(port, 1, application) as server:
        for count, model_id in enumerate(model_ids, start=1):
            request = analysis_request(token, model_id, [wav])
            for _, status, answer in answered(port, request, request.bodies):
                if status != 201:
                    raise RuntimeError(f"The server refused: {status} {answer[:300]!r}")
            if count in marks:
                seen_mib.append(largest_worker_mib(server))
    return seen_mib


def publish_copies(version: "ModelVersion") -> list[str]:
    """The same detector as many models; to the server they are as distinct as any."""
    from registry import storage
    from registry.models import NewModel, NewVersion, RegisteredModel

    content = {file.role: (file.name, version.read_file(file.role)) for file in version.files.all()}
    for number in range(N_MODELS):
        files = [
            storage.ArtifactFile(role, name, content) for role, (name, content) in content.items()
        ]
        model = NewModel(
            id=f"copy_{number}", type=version.registered_model.type, machine_type="pump"
        )
        copy = NewVersion(
            files=storage.write_files(model.id, files),
            dataset_path=version.dataset_path,
            dataset_fingerprint=version.dataset_fingerprint,
            sample_count=version.sample_count,
            parameters=version.parameters,
            metrics=version.metrics,
        )
        RegisteredModel.objects.publish(model, copy, serve=True, by=None)
    return [f"copy_{number}" for number in range(N_MODELS)]


if __name__ == "__main__":
    main()
