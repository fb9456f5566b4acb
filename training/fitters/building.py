"""From clips to a calibrated artifact, its serving form and its exchange form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis import detectors
from analysis.detectors import Artifact
from analysis.detectors.artifact import golden_part
from training.datasets.grouping import Grouping
from training.fitters.clips import HeardClip
from training.fitters.fitting import Content, Fit, Fitter
from training.fitters.held_out import (
    calibrate_held_out,
    fit_folds,
    fit_profile,
    length_scale,
    limit_profile,
    score_held_out,
)
from training.fitters.parity import Parity, check_parity


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted detector as an artifact, its bytes, and how the two forms compare."""

    artifact: Artifact
    serving_form: Content
    fit: Fit
    parity: Parity


def build(
    fitter: Fitter,
    clips: Sequence[HeardClip],
    grouping: Grouping,
    target_false_alarm_rate: float,
    *,
    on_stage: Callable[[str], None] = lambda name: None,
) -> Trained:
    """Cross-validate, fit on everything, calibrate, and compare the two forms; on_stage is called as each begins.

    Raises NotTrainable for clips that do not differ, ParityFailed when the forms do.
    """
    on_stage("Training")
    fitter.prepare(clips, grouping)
    folds = fit_folds(fitter, clips, grouping)
    final = fitter.fit(clips, phase="final")
    on_stage("Calibrating")
    held_out = score_held_out(fitter, folds, final, clips, grouping)
    scale = length_scale(held_out)
    golden = golden_part(clips[0].windows[0].description)
    artifact = Artifact(
        front_end=fitter.front_end,
        detector=final.detector,
        calibration=calibrate_held_out(held_out, scale, grouping, target_false_alarm_rate),
        length_scale=scale,
        profile=limit_profile(fit_profile(clips), clips, held_out, fitter.front_end),
        golden_description=golden,
        golden_score=final.detector.anomaly_score(golden),
    )
    serving_form = detectors.write(artifact)
    on_stage("Comparing serving and exchange form")
    as_served = detectors.read(serving_form)
    assert isinstance(as_served, Artifact), "a fitter makes no legacy detector"
    return Trained(as_served, serving_form, final, check_parity(as_served, fitter, final, clips))
