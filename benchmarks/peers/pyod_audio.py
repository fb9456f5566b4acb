"""PyOD's audio detectors (release 3.6 and later): three on 74 acoustic features, and an autoencoder.

They need no model from elsewhere. They hear what the other methods hear: 16 kHz, which they resample to their own rate.
"""

import importlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform

# What else PyOD asks for is there already, but for matplotlib, which these do without.
REQUIREMENTS = ("pyod==3.6.7", "tqdm==4.70.1")
PRESETS = ("fast", "balanced", "best")


@dataclass(frozen=True, slots=True)
class PyodAudio:
    """A fitted detector of PyOD's."""

    detector: Any

    def score(self, waveform: Waveform) -> float:
        """Its own, higher is more anomalous."""
        return float(self.detector.decision_function([(waveform, SAMPLE_RATE_HZ)])[0])


def install(folder: Path) -> None:
    """Put PyOD into a folder of its own, unless it is there, and let it be imported behind what is installed."""
    if not (folder / "pyod").is_dir():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            str(folder),
        ]
        subprocess.run([*pip, *REQUIREMENTS], check=True)
    sys.path.append(str(folder))


def fit_preset(quality: str) -> Callable[[Sequence[Waveform], int], PyodAudio]:
    """EmbeddingOD.for_audio: isolation forest (fast), nearest neighbours (balanced) or LUNAR (best)."""

    def fit(waveforms: Sequence[Waveform], seed: int) -> PyodAudio:
        embedding = importlib.import_module("pyod.models.embedding")
        return fitted(embedding.EmbeddingOD.for_audio(quality, random_state=seed), waveforms)

    return fit


def fit_autoencoder(waveforms: Sequence[Waveform], seed: int) -> PyodAudio:
    """AudioAE: 320-128-32-8 on five stacked frames."""
    audio_ae = importlib.import_module("pyod.models.audio_ae")
    return fitted(audio_ae.AudioAE(random_state=seed, device="cpu"), waveforms)


def fitted(detector: Any, waveforms: Sequence[Waveform]) -> PyodAudio:
    """Learn normal."""
    detector.fit([(waveform, SAMPLE_RATE_HZ) for waveform in waveforms])
    return PyodAudio(detector)
