"""PyOD's audio detectors (3.6 and later): three on 74 acoustic features, and an autoencoder.

They need no pretrained model. They get the same 16 kHz waveforms as the other methods, and resample
them to their own rate.
"""

import importlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform

# PyOD's other requirements are installed already, but for matplotlib, which these do not need.
REQUIREMENTS = ("pyod==3.6.7", "tqdm==4.70.1")
PRESETS = ("fast", "balanced", "best")


@dataclass(frozen=True, slots=True)
class PyodAudio:
    """A fitted detector of PyOD."""

    detector: Any

    def score(self, waveform: Waveform) -> float:
        """Return PyOD's own score, higher is more anomalous."""
        return float(self.detector.decision_function([(waveform, SAMPLE_RATE_HZ)])[0])


def install(folder: Path) -> None:
    """Install PyOD into a folder, unless it is there, and import from it after all else."""
    if not (folder / "pyod").is_dir():
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps")
        subprocess.run((*pip, "--target", str(folder), *REQUIREMENTS), check=True)
    sys.path.append(str(folder))


def make_preset_fit(quality: str) -> Callable[[Sequence[Waveform], int], PyodAudio]:
    """Return the fit of EmbeddingOD: isolation forest, nearest neighbours or LUNAR (best)."""

    def fit(waveforms: Sequence[Waveform], seed: int) -> PyodAudio:
        embedding = importlib.import_module("pyod.models.embedding")
        return fit_detector(embedding.EmbeddingOD.for_audio(quality, random_state=seed), waveforms)

    return fit


def fit_autoencoder(waveforms: Sequence[Waveform], seed: int) -> PyodAudio:
    """Fit AudioAE: 320-128-32-8 on five stacked frames."""
    audio_ae = importlib.import_module("pyod.models.audio_ae")
    return fit_detector(audio_ae.AudioAE(random_state=seed, device="cpu"), waveforms)


def fit_detector(detector: Any, waveforms: Sequence[Waveform]) -> PyodAudio:
    """Fit a detector to normal clips."""
    detector.fit([(waveform, SAMPLE_RATE_HZ) for waveform in waveforms])
    return PyodAudio(detector)
