"""What each stage of an analysis costs, beside the older system: one thread, warm, in-process."""

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
from benchmarks.support.clips import provide_clips, read_ten_second_wavs
from benchmarks.support.levels import COMMANDS, train
from benchmarks.support.sandbox import get_serving_version, open_sandbox
from benchmarks.support.timing import Timing, time_in_turn

if TYPE_CHECKING:
    from registry.models import ModelVersion

Calls = dict[str, Callable[[], object]]
Timings = Mapping[str, Timing]
OlderDetector: TypeAlias = older_system.OlderForest | older_system.OlderAutoencoder

# What a process must do, from its start, before it can score with a version.
FRESH_PROCESS = {
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
    """Print one table a level, and one more of loading where there is a peer."""
    options = parse_options()
    torch.set_num_threads(1)
    # librosa looks for deprecated parts of the standard library.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    console = Console(width=120)
    with open_sandbox(), provide_clips(options.data) as folder, threadpool_limits(1):
        wav = read_ten_second_wavs(folder, 1)[0]
        peers = fit_older_detectors(folder)
        for level in COMMANDS:
            version = get_serving_version(train(folder, level, 0, None))
            console.print(time_stages(level, version, wav, peers.get(level)))
            if level in peers:
                console.print(time_loading(level, version))


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="a set of recordings; without it, a pump is synthesised"
    )
    return parser.parse_args()


def fit_older_detectors(folder: Path) -> dict[str, OlderDetector]:
    """Fit the older system's detectors to the same clips."""
    waveforms = [
        older_system.load_waveform(path) for path in sorted((folder / "train_normal").iterdir())
    ]
    return {
        "level 1": older_system.OlderForest.fit(waveforms, seed=0),
        "level 2": older_system.OlderAutoencoder.fit(waveforms, seed=0),
    }


def time_stages(
    level: str, version: "ModelVersion", wav: bytes, older: OlderDetector | None
) -> Table:
    """Time each stage: ours, the older system's if it had such a level, and the ratio."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(wav)
        file.flush()
        ours = make_our_calls(version, wav)
        theirs = make_older_calls(older, Path(file.name)) if older else {}
        every = {f"ours: {name}": call for name, call in ours.items()}
        every |= {f"older: {name}": call for name, call in theirs.items()}
        timings = time_in_turn(every)
    table = Table(
        "stage",
        "median ms",
        "min ms",
        "older median ms",
        "older min ms",
        "older / ours",
        title=level,
    )
    for name in ours:
        peer = timings.get(f"older: {name}")
        table.add_row(name, *format_comparison(timings[f"ours: {name}"], peer))
    return table


def format_comparison(ours: Timing, peer: Timing | None) -> list[str]:
    """Return the columns of one row."""
    columns = [f"{ours.median_ms:.2f}", f"{ours.minimum_ms:.2f}"]
    if peer is None:
        return columns
    ratio = peer.median_ms / ours.median_ms
    columns += [f"{peer.median_ms:.2f}", f"{peer.minimum_ms:.2f}", f"{ratio:.2f}"]
    return columns


def make_our_calls(version: "ModelVersion", wav: bytes) -> Calls:
    """Return the stages of one analysis; the total is from bytes to an analysis not yet stored."""
    from analysis.loading import detector_for
    from analysis.pipeline import compute_analysis

    artifact = detector_for(version)
    assert isinstance(artifact, Artifact), "what is trained here is no legacy detector"
    clip = decode(wav)
    front_end = artifact.front_end
    waveform = clip.waveform
    mel_power = front_end.compute_mel_power(waveform)
    whole = [(0, len(mel_power))]
    features = artifact.extract_features(front_end.cut_windows(waveform, mel_power, whole))

    return {
        "decode": lambda: decode(wav),
        "features": lambda: artifact.extract_features(front_end.extract_windows(waveform)),
        "anomaly_score": lambda: score_clip(artifact.detector, features),
        "explanation": lambda: artifact.explain(mel_power, waveform, whole),
        "these four": lambda: artifact.predict(decode(wav).waveform),
        "quality and evidence": lambda: measure_evidence(waveform, assess_quality(clip).level_dbfs),
        "total": lambda: compute_analysis(wav, version=version, device=None),
        "bare FFT + matmul + log": lambda: compute_bare_features(front_end, waveform),
    }


def compute_bare_features(front_end: FrontEnd, waveform: Waveform) -> object:
    """Do only the arithmetic that log-mel features cannot do without."""
    spec = front_end.spec
    windows = np.lib.stride_tricks.sliding_window_view(front_end.trim(waveform), spec.n_fft)
    frames = windows[:: spec.hop_length]
    spectrum = scipy.fft.rfft(frames * get_hann_window(spec.n_fft), axis=1)
    return np.log10((spectrum.real**2 + spectrum.imag**2) @ front_end.mel_filterbank.T)


def make_older_calls(detector: OlderDetector, path: Path) -> Calls:
    """Return the older system's stages; it explained nothing."""
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


def time_loading(level: str, version: "ModelVersion") -> Table:
    """Time making a stored version ready, digest checked, beside opening its exchange form."""
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
    fresh = time_fresh_processes(level, version.read_file("serving"), exchange)
    columns = [
        "median ms",
        "min ms",
        "exchange form median ms",
        "exchange form min ms",
        "exchange / ours",
    ]
    table = Table("", *columns, title=f"{level}: loading a version")
    table.add_row("libraries imported before", *format_comparison(warm["ours"], warm["peer"]))
    table.add_row("fresh process, from its start", *format_comparison(fresh["ours"], fresh["peer"]))
    return table


def time_fresh_processes(level: str, serving_form: bytes, exchange: list[bytes]) -> Timings:
    """Time the same from the start of a process."""
    with tempfile.TemporaryDirectory() as folder:
        serving_path = Path(folder, "serving")
        serving_path.write_bytes(serving_form)
        exchange_paths = [Path(folder, str(number)) for number in range(len(exchange))]
        for path, content in zip(exchange_paths, exchange, strict=True):
            path.write_bytes(content)

        def run(code: str, *arguments: Path) -> Callable[[], object]:
            command: list[str | Path] = [sys.executable, "-c", code, *arguments]
            return lambda: subprocess.run(command, check=True)

        calls: Calls = {
            "ours": run(FRESH_PROCESS["serving form"], serving_path),
            "peer": run(FRESH_PROCESS[level], *exchange_paths),
        }
        return time_in_turn(calls, calls_a_run=1)


if __name__ == "__main__":
    main()
