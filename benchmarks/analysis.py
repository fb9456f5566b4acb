"""What one analysis costs, stage by stage, beside the older system's way: one thread, warm, in this very process."""

import argparse
import io
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import joblib
import numpy as np
import scipy.fft
import torch
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from analysis.detectors.artifact import Artifact, score_clip
from analysis.sound.audio import decode
from analysis.sound.evidence import measure_evidence
from analysis.sound.features import FrontEnd, Waveform, get_hann_window
from analysis.sound.quality import assess_quality
from benchmarks.peers import older_system
from benchmarks.support.clips import set_of_clips, ten_second_wavs
from benchmarks.support.levels import COMMANDS, train
from benchmarks.support.sandbox import sandbox, serving_version
from benchmarks.support.timing import Timing, time_in_turn
from signalcraft.memory import keep_freed_memory

if TYPE_CHECKING:
    from registry.models import ModelVersion

Calls = dict[str, Callable[[], object]]
Timings = Mapping[str, Timing]
Older: TypeAlias = older_system.OlderForest | older_system.OlderAutoencoder

# What a process must do before it can ask a version anything, from its start.
FRESH = {
    "serving form": """
import hashlib, sys
from analysis import detectors
content = open(sys.argv[1], "rb").read()
hashlib.sha256(content).hexdigest()
detectors.read(content)
""",
    "level 1": "import sys, joblib; [joblib.load(path) for path in sys.argv[1:]]",
    "level 2": "import sys, torch; torch.load(sys.argv[1], weights_only=True)",
}


def main() -> None:
    """Print one table a level."""
    options = parse_options()
    torch.set_num_threads(1)
    keep_freed_memory()  # as a web worker does; the older system gains by it too
    # librosa looks for parts of the standard library that will go.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    console = Console(width=120)
    with sandbox(), set_of_clips(options.data) as folder, threadpool_limits(1):
        wav = ten_second_wavs(folder, 1)[0]
        peers = older_detectors(folder)
        for level in COMMANDS:
            version = serving_version(train(folder, level, 0, None))
            console.print(stages(level, version, wav, peers.get(level)))
            if level in peers:
                console.print(loading(level, version))


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="a set of recordings; without it, a pump is synthesised"
    )
    return parser.parse_args()


def older_detectors(folder: Path) -> dict[str, Older]:
    """The older system's detectors, fitted to the same clips."""
    waveforms = [
        older_system.load_waveform(path) for path in sorted((folder / "train_normal").iterdir())
    ]
    return {
        "level 1": older_system.OlderForest.fit(waveforms, seed=0),
        "level 2": older_system.OlderAutoencoder.fit(waveforms, seed=0),
    }


def stages(level: str, version: "ModelVersion", wav: bytes, older: Older | None) -> Table:
    """Stage by stage: ours, the older system's where it had such a level, how many times quicker."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(wav)
        file.flush()
        ours = our_calls(version, wav)
        theirs = older_calls(older, Path(file.name)) if older else {}
        every = {f"ours: {name}": call for name, call in ours.items()}
        every |= {f"older: {name}": call for name, call in theirs.items()}
        timings = time_in_turn(every)
    table = Table(
        "stage",
        "median ms",
        "least ms",
        "older median ms",
        "older least ms",
        "older / ours",
        title=level,
    )
    for name in ours:
        table.add_row(name, *compared(timings[f"ours: {name}"], timings.get(f"older: {name}")))
    return table


def compared(ours: Timing, peer: Timing | None) -> list[str]:
    """The columns of one row."""
    columns = [f"{ours.median_ms:.2f}", f"{ours.minimum_ms:.2f}"]
    if peer is None:
        return columns
    return [
        *columns,
        f"{peer.median_ms:.2f}",
        f"{peer.minimum_ms:.2f}",
        f"{peer.median_ms / ours.median_ms:.2f}",
    ]


def our_calls(version: "ModelVersion", wav: bytes) -> Calls:
    """The stages of one analysis; the total is the product's own way, from bytes to an analysis not yet kept."""
    from analysis.loading import detector_for
    from analysis.pipeline import compute_analysis

    artifact = detector_for(version)
    assert isinstance(artifact, Artifact), "what is trained here is no legacy detector"
    clip = decode(wav)
    front_end, waveform = artifact.front_end, clip.waveform
    mel_power = front_end.compute_mel_power(waveform)
    frames, descriptions = (
        front_end.compute_log_mel(mel_power),
        artifact.extract_features(front_end.cut_windows(waveform, mel_power)),
    )
    samples = front_end.trim(waveform)

    return {
        "decode": lambda: decode(wav),
        "features": lambda: artifact.extract_features(front_end.extract_windows(waveform)),
        "anomaly_score": lambda: score_clip(artifact.detector, descriptions),
        "explanation": lambda: artifact.explain(frames, samples),
        "these four": lambda: artifact.predict(decode(wav).waveform),
        "quality and evidence": lambda: measure_evidence(waveform, assess_quality(clip).level_dbfs),
        "total": lambda: compute_analysis(wav, version=version, device=None),
        "bare FFT + matmul + log": lambda: bare_features(front_end, waveform),
    }


def bare_features(front_end: FrontEnd, waveform: Waveform) -> object:
    """The arithmetic that no features of this kind can do without."""
    spec = front_end.spec
    frames = np.lib.stride_tricks.sliding_window_view(front_end.trim(waveform), spec.n_fft)[
        :: spec.hop_length
    ]
    spectrum = scipy.fft.rfft(frames * get_hann_window(spec.n_fft), axis=1)
    return np.log10((spectrum.real**2 + spectrum.imag**2) @ front_end.mel_filterbank.T)


def older_calls(detector: Older, path: Path) -> Calls:
    """The older system's stages, each from what the one before gave; it explained nothing."""
    waveform = older_system.load_waveform(path)
    extract = older_system.statistics_34
    if isinstance(detector, older_system.OlderAutoencoder):
        extract = older_system.mel_mean_64
    return {
        "decode": lambda: older_system.load_waveform(path),
        "features": lambda: extract(waveform),
        "these four": lambda: detector.score(path),
        "total": lambda: detector.score(path),
    }


def loading(level: str, version: "ModelVersion") -> Table:
    """What it takes to make a stored version ready: ours with its digest checked, beside the exchange form."""
    from analysis import detectors

    exchange = [
        version.read_file(role) for role in ("exchange", "scaler") if version.find_file(role)
    ]
    read_exchange = {
        "level 1": lambda: [joblib.load(io.BytesIO(content)) for content in exchange],
        "level 2": lambda: torch.load(io.BytesIO(exchange[0]), weights_only=True),
    }
    calls: Calls = {
        "ours": lambda: detectors.read(version.read_file("serving")),
        "peer": read_exchange[level],
    }
    warm = time_in_turn(calls)
    fresh = fresh_processes(level, version.read_file("serving"), exchange)
    columns = [
        "median ms",
        "least ms",
        "exchange form median ms",
        "exchange form least ms",
        "exchange / ours",
    ]
    table = Table("", *columns, title=f"{level}: loading a version")
    table.add_row("libraries imported before", *compared(warm["ours"], warm["peer"]))
    table.add_row("fresh process, from its start", *compared(fresh["ours"], fresh["peer"]))
    return table


def fresh_processes(level: str, serving_form: bytes, exchange: list[bytes]) -> Timings:
    """The same from the start of a process."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(number)) for number in range(1 + len(exchange))]
        for path, content in zip(paths, [serving_form, *exchange], strict=True):
            path.write_bytes(content)

        def run(code: str, *arguments: Path) -> Callable[[], object]:
            return lambda: subprocess.run(
                [sys.executable, "-c", code, *map(str, arguments)], check=True
            )

        calls: Calls = {
            "ours": run(FRESH["serving form"], paths[0]),
            "peer": run(FRESH[level], *paths[1:]),
        }
        return time_in_turn(calls, calls_a_run=1)


if __name__ == "__main__":
    main()
