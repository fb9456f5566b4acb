"""Converts the older system's files to a serving form that scores as they do."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt
from django.conf import settings

from analysis.detectors import LegacyArtifact, write
from analysis.detectors.legacy import LEGACY_DETECTORS
from analysis.detectors.legacy_features import MAX_SECONDS, N_FFT
from analysis.detectors.plain_arrays import unpack
from analysis.sound.features import SAMPLE_RATE_HZ, FeatureSpec
from training.errors import LegacyEntryRefused, ParityFailed
from training.fitters.front_end import make_front_end
from training.legacy.old_registry import LegacyModel
from training.legacy.unpickling import REFUSED

MAX_SECONDS_TO_OPEN = 60
MAX_RELATIVE_DIFFERENCE = 1e-5


@dataclass(frozen=True, slots=True)
class ConversionResult:
    """A serving form, and how far its scores are from those of the older files."""

    serving_form: bytes
    max_relative_difference: float


def convert(old: LegacyModel) -> ConversionResult:
    """Open the files in a process of their own, compare, and write the serving form."""
    arrays = open_in_subprocess(old)
    features = arrays.pop("reference_features")
    scores = arrays.pop("reference_scores")

    detector_class = LEGACY_DETECTORS[old.type]
    detector = detector_class.from_arrays(arrays)
    filterbank = librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=N_FFT, n_mels=detector_class.n_mels)
    artifact = LegacyArtifact(
        front_end=make_front_end(FeatureSpec(clip_seconds=MAX_SECONDS)),
        detector=detector,
        mel_filterbank=filterbank,
        golden_features=features[0],
        golden_score=detector.compute_anomaly_score(features[0]),
    )

    ours = np.array([detector.compute_anomaly_score(each) for each in features])
    difference = float(np.max(np.abs(ours - scores) / np.abs(scores)))
    if not difference <= MAX_RELATIVE_DIFFERENCE:
        raise ParityFailed(
            f"Its scores would differ from the older ones by up to {difference:.2g}."
        )
    return ConversionResult(write(artifact), difference)


def open_in_subprocess(old: LegacyModel) -> dict[str, npt.NDArray[Any]]:
    """Let another process unpickle within a time limit; only plain arrays come back."""
    paths = [str(path) for path in old.files.values()]
    command = [sys.executable, "-m", "training.legacy.unpickling", old.type, *paths]
    try:
        child = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=settings.BARE_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MAX_SECONDS_TO_OPEN,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise LegacyEntryRefused(
            f"Its files could not be opened within {MAX_SECONDS_TO_OPEN} s."
        ) from exc
    if child.returncode == REFUSED:
        raise LegacyEntryRefused(child.stderr.decode(errors="replace").strip().splitlines()[-1])
    if child.returncode:
        raise LegacyEntryRefused(f"Opening its files failed (exit status {child.returncode}).")
    return unpack(child.stdout)


def name_files(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the names of the files by role, with those that are made here."""
    names = {role: path.name for role, path in files.items()}
    stem = files["exchange"].stem
    return names | {"serving": f"{stem}.npz", "sidecar": f"{stem}_meta.json"}
