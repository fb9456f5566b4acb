"""Analyses a second over HTTP beside the older system's way and MLflow's scoring server, each with two workers."""

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

from benchmarks.analysis import older_detectors
from benchmarks.peers.mlflow_server import install, mlflow_request, mlflow_server
from benchmarks.support.clips import set_of_clips, ten_second_wavs
from benchmarks.support.levels import COMMANDS, train
from benchmarks.support.load import Load, Request, analysis_request, put_under_load
from benchmarks.support.processes import free_port, largest_worker_mib, ours, served
from benchmarks.support.sandbox import access_token, sandbox, serving_version
from bootstrap import server_command

WORKERS = 2
CLIENTS = (1, 8)
WARM_SECONDS = 2.0
N_RECORDINGS = 12

Server = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Measured:
    """One server under each number of clients, and the memory of its largest worker afterwards."""

    loads: dict[int, Load]
    worker_mib: float


def main() -> None:
    """Print what each server did, and the ratios."""
    options = parse_options()
    results: dict[str, Measured] = {}
    with sandbox(), set_of_clips(options.data) as folder, tempfile.TemporaryDirectory() as scratch:
        wavs = ten_second_wavs(folder, N_RECORDINGS)
        model_ids = {level: train(folder, level, 0, None) for level in COMMANDS}
        for level, detector in older_detectors(folder).items():
            joblib.dump(detector, Path(scratch, level))
            port = free_port()
            server = older(port, Path(scratch, level))
            results[f"older {level}"] = measure(
                server, port, Request("/", {}, wavs), options.seconds
            )
        for level, model_id in model_ids.items():
            port, request = free_port(), analysis_request(access_token(), model_id, wavs)
            results[f"ours {level}"] = measure(ours(port, WORKERS), port, request, options.seconds)
        for level, model_id in model_ids.items() if options.mlflow_venv else ():
            results[f"MLflow {level}"] = measure_mlflow(
                options, Path(scratch, model_id), model_id, wavs
            )
    Console(width=120).print(rates(results), added(results))


def parse_options() -> argparse.Namespace:
    """The command line."""
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
        help="folder of an environment with MLflow, made and filled (some hundred MB) if there is none; without this "
        "option MLflow is not measured",
    )
    return parser.parse_args()


def measure(
    server: AbstractContextManager[Server], port: int, request: Request, seconds: float
) -> Measured:
    """Start the server, warm it up, and put it under load."""
    with server as process:
        put_under_load(port, request, clients=max(CLIENTS), seconds=WARM_SECONDS)
        loads = {
            clients: put_under_load(port, request, clients=clients, seconds=seconds)
            for clients in CLIENTS
        }
        return Measured(loads, largest_worker_mib(process))


def measure_mlflow(
    options: argparse.Namespace, folder: Path, model_id: str, wavs: Sequence[bytes]
) -> Measured:
    """The same for MLflow around the serving form of the same version."""

    port = free_port()
    serving_form = serving_version(model_id).read_file("serving")
    server = mlflow_server(
        install(options.mlflow_venv), folder, serving_form, port=port, workers=WORKERS
    )
    return measure(server, port, mlflow_request(wavs), options.seconds)


def older(port: int, detector: Path) -> AbstractContextManager[Server]:
    """The older way, served by the same server with as many workers and threads; its libraries use one thread each."""
    command = server_command(
        "127.0.0.1", port, WORKERS, "benchmarks.peers.older_server:application"
    )
    env = {"OLDER_DETECTOR": str(detector), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return served(sys.executable, *command, port=port, ready="/", env=env)


def rates(results: dict[str, Measured]) -> Table:
    """One row a server and number of clients."""
    columns = [
        "server",
        "clients",
        "analyses a second",
        "p50 ms",
        "p99 ms",
        "worker MiB",
        "ours / it",
    ]
    table = Table(
        *columns, title=f"{WORKERS} workers, {os.cpu_count()} cores shared with the clients"
    )
    for name, measured in results.items():
        for clients, load in measured.loads.items():
            best = results[f"ours {name[-len('level 1') :]}"].loads[clients]
            latencies = [f"{load.percentile(percent):.0f}" for percent in (50, 99)]
            ratio = f"{best.per_second / load.per_second:.2f}"
            table.add_row(
                name,
                str(clients),
                f"{load.per_second:.1f}",
                *latencies,
                f"{measured.worker_mib:.0f}",
                ratio,
            )
    return table


def added(results: dict[str, Measured]) -> Table:
    """What HTTP, database and storage add to an analysis, as one client waits for it."""
    table = Table(
        "server", "analysis itself ms", "added ms", title="One client: median of each request"
    )
    for name, measured in results.items():
        if name.startswith("ours"):
            load = measured.loads[1]
            own = [sum(json.loads(answer)["timing_ms"].values()) for answer in load.answers]
            rest = np.subtract(load.latencies_ms, own)
            table.add_row(name, f"{np.median(own):.2f}", f"{np.median(rest):.2f}")
    return table


if __name__ == "__main__":
    main()
