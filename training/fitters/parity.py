"""Compares serving and exchange form on real clips before anything is published."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.detectors import Artifact
from analysis.detectors.score_distribution import Scores
from training.errors import ParityFailed
from training.fitters.base import Fit, Fitter
from training.fitters.clips import ClipFeatures, get_features

MAX_RELATIVE_DIFFERENCE = 1e-4
MAX_CLIPS = 64


@dataclass(frozen=True, slots=True)
class Parity:
    """How far the scores of the two forms are from each other."""

    clips: int
    max_relative_difference: float
    verdict_flips: int


def check_parity(
    artifact: Artifact, fitter: Fitter, fit: Fit, clips: Sequence[ClipFeatures]
) -> Parity:
    """Score clips from all over the folder with both forms, each read back from its bytes.

    Without domain shifts, which the exchange form does not know.
    """
    n_clips = min(MAX_CLIPS, len(clips))
    selected = [clips[i] for i in np.linspace(0, len(clips) - 1, n_clips).astype(int)]
    served = np.array([score_unshifted(artifact, clip) for clip in selected])
    reference = fitter.reference_scores(fit.exchange, selected)

    parity = compare(artifact, served, reference)
    if not parity.max_relative_difference <= MAX_RELATIVE_DIFFERENCE or parity.verdict_flips:
        raise ParityFailed(
            f"On {parity.clips} clips the serving form differs from the exchange form by up to "
            f"{parity.max_relative_difference:.2g}, and {parity.verdict_flips} verdicts change: "
            "nothing was published."
        )
    return parity


def score_unshifted(artifact: Artifact, clip: ClipFeatures) -> float:
    """Score a clip with the serving form, without domain shifts."""
    scores = [artifact.detector.score_unshifted(each) for each in get_features(clip.windows)]
    return float(np.median(scores))


def compare(artifact: Artifact, served: Scores, reference: Scores) -> Parity:
    """Compare scores, relative to the score or, for scores about zero, to their spread."""
    scale = np.maximum(np.abs(reference), artifact.calibration.spread)
    label = artifact.calibration.label
    pairs = zip(served, reference, strict=True)
    return Parity(
        clips=len(served),
        max_relative_difference=float(np.max(np.abs(served - reference) / scale)),
        verdict_flips=sum(label(ours) != label(theirs) for ours, theirs in pairs),
    )
