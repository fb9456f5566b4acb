"""Memory of one web worker: after many analyses, with training's libraries, with many models."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks.support.clips import provide_clips, read_ten_second_wavs
from benchmarks.support.levels import COMMANDS, train
from benchmarks.support.load import make_analysis_request, send_each
from benchmarks.support.processes import (
    find_free_port,
    measure_largest_worker_mib,
    run_product,
)
from benchmarks.support.sandbox import get_serving_version, make_access_token, open_sandbox

if TYPE_CHECKING:
    from registry.models import ModelVersion

PRODUCT = "signalcraft.wsgi:application"
HEAVY_WORKER = "benchmarks.peers.heavy_worker:application"
N_ANALYSES = 100
N_MODELS = 500
N_CACHED = 50
# After so many, every thread of the worker has analysed something.
WARM_MODELS = 150


def main() -> None:
    """Print both tables."""
    options = parse_options()
    with open_sandbox(), provide_clips(options.data) as folder:
        wav = read_ten_second_wavs(folder, 1)[0]
        model_ids = [train(folder, level, 0, None) for level in COMMANDS]
        analyses = measure_analyses(model_ids, wav)
        models = measure_models(model_ids[0], wav)
    Console(width=120).print(analyses, models)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="a set of recordings; without it, a pump is synthesised"
    )
    return parser.parse_args()


def measure_analyses(model_ids: list[str], wav: bytes) -> Table:
    """Measure a worker, and one that also imports what only training needs."""
    marks = [N_ANALYSES // 2, N_ANALYSES]
    columns = (f"after {mark}" for mark in marks)
    table = Table("worker", *columns, title="Analyses at all levels: MiB")
    for application in (PRODUCT, HEAVY_WORKER):
        memory_mib = watch(application, model_ids * (N_ANALYSES // 2), wav, marks)
        table.add_row(application, *(f"{mib:.1f}" for mib in memory_mib))
    return table


def measure_models(model_id: str, wav: bytes) -> Table:
    """Measure a worker that analyses with more models than its cache holds."""
    copies = publish_copies(get_serving_version(model_id))
    marks = [WARM_MODELS, N_MODELS // 2, N_MODELS]
    columns = (f"after {mark}" for mark in marks)
    table = Table(*columns, title=f"{N_MODELS} models through {N_CACHED} places: MiB")
    table.add_row(*(f"{mib:.1f}" for mib in watch(PRODUCT, copies, wav, marks)))
    return table


def watch(application: str, model_ids: list[str], wav: bytes, marks: list[int]) -> list[float]:
    """Ask one model after the other; return the worker's memory after as many as the marks say."""
    port = find_free_port()
    token = make_access_token()
    memory_mib = []
    with run_product(port, 1, application) as server:
        for count, model_id in enumerate(model_ids, start=1):
            request = make_analysis_request(token, model_id, [wav])
            for _, status, answer in send_each(port, request, request.bodies):
                if status != 201:
                    raise RuntimeError(f"The server refused: {status} {answer[:300]!r}")
            if count in marks:
                memory_mib.append(measure_largest_worker_mib(server))
    return memory_mib


def publish_copies(version: "ModelVersion") -> list[str]:
    """Publish the same detector as many models, which the server keeps apart."""
    from registry import storage
    from registry.models import NewModel, NewVersion, RegisteredModel

    files = [
        storage.ArtifactFile(file.role, file.name, version.read_file(file.role))
        for file in version.files.all()
    ]
    for number in range(N_MODELS):
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
