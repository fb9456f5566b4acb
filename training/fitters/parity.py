"""Whether the serving form scores as the exchange form does: checked on real clips before anything is published."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.detectors import Artifact
from training.errors import ParityFailed
from training.fitters.base import Fit, Fitter
from training.fitters.clips import ClipFeatures

MAX_RELATIVE_DIFFERENCE = 1e-4
MAX_CLIPS = 64


@dataclass(frozen=True, slots=True)
class Parity:
    """How far the two forms are from each other."""

    clips: int
    max_relative_difference: float
    verdict_flips: int


def check_parity(
    artifact: Artifact, fitter: Fitter, fit: Fit, clips: Sequence[ClipFeatures]
) -> Parity:
    """Score clips spread over the folder with both forms, each read back from its bytes, without channels.

    The difference is relative to the score or, where ordinary clips score about zero, to the spread of their scores.
    """
    chosen = [
        clips[i] for i in np.linspace(0, len(clips) - 1, min(MAX_CLIPS, len(clips))).astype(int)
    ]
    score_unshifted, spread = artifact.detector.score_unshifted, artifact.calibration.spread
    served = np.array(
        [
            np.median([score_unshifted(description) for description in clip.descriptions])
            for clip in chosen
        ]
    )
    reference = fitter.reference_scores(fit.exchange, chosen)
    label = artifact.calibration.label
    parity = Parity(
        clips=len(chosen),
        max_relative_difference=float(
            np.max(np.abs(served - reference) / np.maximum(np.abs(reference), spread))
        ),
        verdict_flips=sum(
            label(one) != label(other) for one, other in zip(served, reference, strict=True)
        ),
    )
    if not parity.max_relative_difference <= MAX_RELATIVE_DIFFERENCE or parity.verdict_flips:
        raise ParityFailed(
            f"On {parity.clips} clips the serving form differs from the exchange form by up to "
            f"{parity.max_relative_difference:.2g}, and {parity.verdict_flips} verdicts change: nothing was published."
        )
    return parity
