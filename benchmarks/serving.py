"""Analyses a second over HTTP, beside the older system's way and MLflow, two workers each."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.analysis import fit_older_detectors
from benchmarks.peers.mlflow_server import install, make_mlflow_request, run_mlflow_server
from benchmarks.support.clips import provide_clips, read_ten_second_wavs
from benchmarks.support.levels import COMMANDS, train
from benchmarks.support.load import Load, Request, make_analysis_request, put_under_load
from benchmarks.support.processes import (
    find_free_port,
    measure_largest_worker_mib,
    run_product,
    run_server,
)
from benchmarks.support.sandbox import get_serving_version, make_access_token, open_sandbox
from signalcraft.launch.command import server_command

WORKERS = 2
CLIENTS = (1, 8)
WARM_SECONDS = 2.0
N_RECORDINGS = 12

Server = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class ServerResult:
    """A server under each number of clients, and the memory of its largest worker afterwards."""

    loads: dict[int, Load]
    worker_mib: float


def main() -> None:
    """Measure every server; print rates, latencies and ratios."""
    options = parse_options()
    results: dict[str, ServerResult] = {}
    with (
        open_sandbox(),
        provide_clips(options.data) as folder,
        tempfile.TemporaryDirectory() as scratch,
    ):
        wavs = read_ten_second_wavs(folder, N_RECORDINGS)
        model_ids = {level: train(folder, level, 0, None) for level in COMMANDS}
        for level, detector in fit_older_detectors(folder).items():
            path = Path(scratch, level)
            joblib.dump(detector, path)
            results[f"older {level}"] = measure_older(path, wavs, options.seconds)
        for level, model_id in model_ids.items():
            results[f"ours {level}"] = measure_ours(model_id, wavs, options.seconds)
        for level, model_id in model_ids.items() if options.mlflow_venv else ():
            path = Path(scratch, model_id)
            results[f"MLflow {level}"] = measure_mlflow(options, path, model_id, wavs)
    Console(width=120).print(make_rates_table(results), make_overhead_table(results))


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="a set of recordings; without it, a pump is synthesised"
    )
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="how long each server is under load"
    )
    parser.add_argument(
        "--mlflow_venv",
        type=Path,
        help="folder of an environment with MLflow, made (some hundred MB) if there is none; "
        "without this option MLflow is not measured",
    )
    return parser.parse_args()


def measure_older(detector: Path, wavs: Sequence[bytes], seconds: float) -> ServerResult:
    """Measure the older system's way behind the same server."""
    port = find_free_port()
    request = Request("/", {}, wavs)
    return measure(run_older_server(port, detector), port, request, seconds)


def measure_ours(model_id: str, wavs: Sequence[bytes], seconds: float) -> ServerResult:
    """Measure the product."""
    port = find_free_port()
    request = make_analysis_request(make_access_token(), model_id, wavs)
    return measure(run_product(port, WORKERS), port, request, seconds)


def measure_mlflow(
    options: argparse.Namespace, folder: Path, model_id: str, wavs: Sequence[bytes]
) -> ServerResult:
    """Measure MLflow around the serving form of the same version."""

    port = find_free_port()
    serving_form = get_serving_version(model_id).read_file("serving")
    python = install(options.mlflow_venv)
    server = run_mlflow_server(python, folder, serving_form, port=port, workers=WORKERS)
    return measure(server, port, make_mlflow_request(wavs), options.seconds)


def measure(
    server: AbstractContextManager[Server], port: int, request: Request, seconds: float
) -> ServerResult:
    """Start the server, warm it up, and put it under load."""
    with server as process:
        put_under_load(port, request, clients=max(CLIENTS), seconds=WARM_SECONDS)
        loads = {
            clients: put_under_load(port, request, clients=clients, seconds=seconds)
            for clients in CLIENTS
        }
        return ServerResult(loads, measure_largest_worker_mib(process))


def run_older_server(port: int, detector: Path) -> AbstractContextManager[Server]:
    """Serve the older way with as many workers and threads; its libraries use one thread each."""
    application = "benchmarks.peers.older_server:application"
    command = server_command("127.0.0.1", port, WORKERS, application, interface="wsgi")
    env = {"OLDER_DETECTOR": str(detector), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return run_server(sys.executable, *command, port=port, ready="/", env=env)


def make_rates_table(results: dict[str, ServerResult]) -> Table:
    """Make a row a server and number of clients."""
    columns = [
        "server",
        "clients",
        "analyses a second",
        "p50 ms",
        "p99 ms",
        "worker MiB",
        "ours / it",
    ]
    title = f"{WORKERS} workers, {os.cpu_count()} cores shared with the clients"
    table = Table(*columns, title=title)
    for name, result in results.items():
        for clients, load in result.loads.items():
            ours = results[f"ours {name[-len('level 1') :]}"].loads[clients]
            table.add_row(
                name,
                str(clients),
                f"{load.per_second:.1f}",
                f"{load.percentile(50):.0f}",
                f"{load.percentile(99):.0f}",
                f"{result.worker_mib:.0f}",
                f"{ours.per_second / load.per_second:.2f}",
            )
    return table


def make_overhead_table(results: dict[str, ServerResult]) -> Table:
    """Make a row a level: what HTTP, database and storage add for one client."""
    table = Table(
        "server", "analysis itself ms", "added ms", title="One client: median of each request"
    )
    for name, result in results.items():
        if name.startswith("ours"):
            load = result.loads[1]
            analyses = [json.loads(answer) for answer in load.answers]
            own_ms = [sum(analysis["timing_ms"].values()) for analysis in analyses]
            rest_ms = np.subtract(load.latencies_ms, own_ms)
            table.add_row(name, f"{np.median(own_ms):.2f}", f"{np.median(rest_ms):.2f}")
    return table


if __name__ == "__main__":
    main()
