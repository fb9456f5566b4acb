"""Minutes of everything at once: load, hostile files, slow clients, promotions, a training, kills.

Two workers, one of which is killed every 20 s. Afterwards every acknowledged analysis is looked
for, and its version compared with what served while it was under way.
"""

import argparse
import io
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from rich.console import Console

from benchmarks.soak_clients import (
    Account,
    Traffic,
    run_client,
    run_probe,
    run_slow_client,
    start_threads,
)
from benchmarks.support.clips import provide_clips, read_ten_second_wavs
from benchmarks.support.processes import find_descendants, measure_resident_mib, run_product
from benchmarks.support.sandbox import ROOT, make_access_token, open_sandbox
from benchmarks.support.transcoding import transcode

MODEL = "soaked_pump"
WORKERS = 2
KILL_EVERY_S = 20.0
PROMOTE_EVERY_S = 2.0
# What a kill may cost.
BACK_WITHIN_S = 2.0


@dataclass(slots=True)
class Disturbances:
    """When workers were killed, what served from when on, and the most memory that was taken."""

    kills: list[float] = field(default_factory=list)
    served: list[tuple[float, float, int]] = field(default_factory=list)
    peak_mib: dict[str, float] = field(default_factory=dict)
    n_trainings: int = 0


def main() -> None:
    """Run it and print what held."""
    options = parse_options()
    with open_sandbox(), provide_clips(options.data) as clips:
        os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1,testserver"
        train(clips, MODEL)
        train(clips, MODEL)
        traffic = Traffic(
            port=find_free_port(),
            token=make_access_token(),
            model_id=MODEL,
            sounds=make_sounds(clips),
            hostile=make_hostile_files(),
        )
        with run_product(traffic.port, WORKERS) as server:
            account, disturbances = soak(server.pid, traffic, clips, options)
        report(account, disturbances, options.minutes)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--slow_clients", type=int, default=20)
    parser.add_argument("--data", type=Path, help="a folder with train_normal and test_normal")
    return parser.parse_args()


def train(clips: Path, model_id: str) -> None:
    """Train one more version, in a process of its own."""
    command = ["train_if", f"--data_dir={clips / 'train_normal'}", f"--model_id={model_id}"]
    files = [f"--output_if_name={model_id}.pkl", f"--output_scaler_name={model_id}_scaler.pkl"]
    subprocess.run(
        [sys.executable, "manage.py", *command, *files],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def make_sounds(clips: Path) -> list[bytes]:
    """Return ten-second recordings as phones and browsers send them."""
    wavs = read_ten_second_wavs(clips, 4)
    return [*wavs, *(convert(wav, form) for wav in wavs[:2] for form in ("m4a", "webm"))]


def convert(wav: bytes, form: str) -> bytes:
    """Write a wav file in another form."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(wav)
        file.flush()
        return transcode(Path(file.name), form)


def make_hostile_files() -> list[bytes]:
    """Return files that break, or once broke, what reads them."""
    chance = random.Random(0)
    sound = convert(make_hiss(), "m4a")
    cut = sound[: len(sound) // 2]
    damaged = bytearray(sound)
    for _ in range(40):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return [cut, bytes(damaged), b"", b"ID3" + bytes(1000), chance.randbytes(200_000)]


def make_hiss() -> bytes:
    """Return two seconds of hiss as a wav file."""
    file = io.BytesIO()
    hiss = np.random.default_rng(0).standard_normal(32_000) * 0.01
    soundfile.write(file, hiss, 16_000, format="WAV", subtype="PCM_16")
    return file.getvalue()


def find_free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def soak(
    server: int, traffic: Traffic, clips: Path, options: argparse.Namespace
) -> tuple[Account, Disturbances]:
    """Let everything happen at once for the minutes asked for."""
    account, disturbances = Account(), Disturbances()
    is_over = threading.Event()
    slow = [partial(run_slow_client, traffic, is_over)] * options.slow_clients
    clients = [
        partial(run_client, number, traffic, account, is_over) for number in range(options.clients)
    ]
    others = [
        partial(run_probe, traffic, account, is_over),
        partial(kill_workers, server, disturbances, is_over),
        partial(promote, disturbances, is_over),
        partial(watch_memory, server, disturbances, is_over),
        partial(train_beside, clips, disturbances, is_over),
    ]
    threads = start_threads([*clients, *slow, *others])
    is_over.wait(60 * options.minutes)
    is_over.set()
    for thread in threads:
        thread.join(timeout=90)
    return account, disturbances


def kill_workers(server: int, disturbances: Disturbances, is_over: threading.Event) -> None:
    """Kill a worker now and then, as a system short of memory would."""
    chance = random.Random(1)
    while not is_over.wait(KILL_EVERY_S):
        workers = find_workers(server)
        if workers:
            disturbances.kills.append(time.time())
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)


def find_workers(server: int) -> list[int]:
    """Return the processes that serve: those below the server that are not decoding."""
    return [pid for pid in find_descendants(server) if not is_decoder(pid)]


def is_decoder(pid: int) -> bool:
    with suppress(OSError):
        return b"decoding_child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def promote(disturbances: Disturbances, is_over: threading.Event) -> None:
    """Serve the two versions in turn, and keep when each change began and was done."""
    from registry.models import RegisteredModel

    versions = list(RegisteredModel.objects.get(pk=MODEL).versions.order_by("number")[:2])
    disturbances.served.append((0.0, time.time(), versions[-1].number))
    turn = 0
    while not is_over.wait(PROMOTE_EVERY_S):
        version = versions[turn % 2]
        turn += 1
        began = time.time()
        RegisteredModel.objects.get(pk=MODEL).serve(version, by=None, why="soak")
        disturbances.served.append((began, time.time(), version.number))


def train_beside(clips: Path, disturbances: Disturbances, is_over: threading.Event) -> None:
    """Train other models, one after the other."""
    while not is_over.is_set():
        train(clips, "trained_beside")
        disturbances.n_trainings += 1


def watch_memory(server: int, disturbances: Disturbances, is_over: threading.Event) -> None:
    """Keep the most memory that one worker, one decoder and all together took."""
    while not is_over.wait(1.0):
        workers: list[float] = []
        decoders: list[float] = []
        for pid in find_descendants(server):
            with suppress(OSError, StopIteration):
                (decoders if is_decoder(pid) else workers).append(measure_resident_mib(pid))
        now = {
            "one worker": max(workers, default=0.0),
            "one decoder": max(decoders, default=0.0),
            "together": sum(workers) + sum(decoders),
        }
        for name, mib in now.items():
            disturbances.peak_mib[name] = max(mib, disturbances.peak_mib.get(name, 0.0))


def report(account: Account, disturbances: Disturbances, minutes: float) -> None:
    """Print each claim with its figure."""
    console = Console(width=110)
    calm, all_s = split_probes(account, disturbances)
    console.print(
        f"{minutes:g} min, {len(account.acknowledged)} acknowledged analyses,"
        f" {len(disturbances.kills)} kills, {len(disturbances.served) - 1} promotions,"
        f" {disturbances.n_trainings} trainings beside it"
    )
    console.print(f"acknowledged and lost: {count_lost(account)}")
    console.print(f"wrong version: {count_wrong_versions(account, disturbances)}")
    console.print(f"answers without a name: {len(account.unnamed)} {account.unnamed[:3]}")
    console.print(f"connections cut: {account.n_cut}")
    console.print(f"answers: {dict(account.answers.most_common())}")
    console.print(f"back after a kill, s: {measure_returns(account, disturbances)}")
    p99 = 1000 * float(np.percentile(calm, 99)) if calm else float("nan")
    unanswered = sum(1 for seconds in all_s if seconds is None)
    slowest = max((seconds for seconds in all_s if seconds is not None), default=float("nan"))
    console.print(
        f"/healthz: p99 {p99:.0f} ms outside of {BACK_WITHIN_S:g} s after kills;"
        f" slowest {slowest:.2f} s; connections refused or cut {unanswered} of {len(all_s)}"
    )
    peaks = ", ".join(f"{name} {mib:.0f}" for name, mib in disturbances.peak_mib.items())
    console.print(f"most memory, MiB: {peaks}")


def count_lost(account: Account) -> int:
    """Count acknowledged analyses that are not there, or without their bytes."""
    from django.core.files.storage import storages

    from analysis.models import Analysis

    stored = dict(Analysis.objects.values_list("pk", "recording__path"))
    paths = {str(pk): path for pk, path in stored.items()}
    return sum(
        1
        for done in account.acknowledged
        if done.id not in paths or not storages["recordings"].exists(paths[done.id])
    )


def count_wrong_versions(account: Account, disturbances: Disturbances) -> int:
    """Count analyses by a version that did not serve at any moment while they were under way."""
    changes = disturbances.served
    wrong = 0
    for done in account.acknowledged:
        possible = set()
        for i, (began, _, number) in enumerate(changes):
            until = changes[i + 1][1] if i + 1 < len(changes) else float("inf")
            if began <= done.answered_at and until >= done.sent_at:
                possible.add(number)
        wrong += done.version not in possible
    return wrong


def split_probes(
    account: Account, disturbances: Disturbances
) -> tuple[list[float], list[float | None]]:
    """Return the seconds of probes outside the time after kills, and those of all."""
    calm = [
        seconds
        for at, seconds in account.probes
        if seconds is not None
        and not any(0 <= at - kill <= BACK_WITHIN_S for kill in disturbances.kills)
    ]
    return calm, [seconds for _, seconds in account.probes]


def measure_returns(account: Account, disturbances: Disturbances) -> str:
    """Return the median and the longest time from a kill until an upload was answered."""
    answered = sorted(done.answered_at for done in account.acknowledged)
    waits = []
    for kill in disturbances.kills:
        later = [at for at in answered if at > kill]
        waits.append(later[0] - kill if later else float("inf"))
    if not waits:
        return "no kill"
    each = " ".join(f"{wait:.2f}" for wait in waits)
    return f"median {np.median(waits):.2f}, longest {max(waits):.2f} ({each})"


if __name__ == "__main__":
    main()
