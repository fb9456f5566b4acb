"""Builds from clips a calibrated artifact, its serving form and its exchange form."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

from analysis import detectors
from analysis.detectors import Artifact, Detector
from analysis.detectors.artifact import select_golden_features
from analysis.sound.disturbances import SteadySound
from analysis.sound.line_fingerprint import LineFingerprint
from training.datasets.grouping import Grouping, group_clips
from training.fitters.base import FileBytes, Fit, Fitter
from training.fitters.clips import ClipFeatures, get_all_frames, get_lines
from training.fitters.codecs import StoredClips
from training.fitters.crossings import Crossing, compare_crossings, score_crossings
from training.fitters.held_out import (
    HeldOutScores,
    calibrate_held_out,
    fit_folds,
    fit_length_scale,
    score_held_out,
)
from training.fitters.parity import Parity, check_parity
from training.fitters.profiles import QUIET_SHARE, fit_profile, set_profile_limits

# Fewer than for the version: these only tell how far a healthy clip is from the others, and not
# from which score it alarms.
MAX_CODEC_FOLDS = 5
# What rises higher than in nearly all training clips, and a tenth more, is not the machine.
DISTURBANCE_TOLERANCE = 1.1


@dataclass(frozen=True, slots=True)
class TrainedDetector:
    """A fitted detector as an artifact, its bytes, and how the two forms compare.

    best_loss: mean validation loss of the folds, for fitters that have one.
    """

    artifact: Artifact
    serving_form: FileBytes
    fit: Fit
    parity: Parity
    best_loss: float | None
    accelerator: str


def build_artifact(
    fitter: Fitter,
    clips: Sequence[ClipFeatures],
    grouping: Grouping,
    target_false_alarm_rate: float,
    *,
    stored: Mapping[str, StoredClips],
    crossings: Sequence[Crossing] = (),
    on_stage: Callable[[str], None] = lambda name: None,
) -> TrainedDetector:
    """Cross-validate, fit on everything, calibrate, and compare serving and exchange form.

    stored: the clips as codecs store them. crossings: across these clips. on_stage is called as
    each stage begins. Raises NotTrainable for clips that do not differ, ParityFailed when the two
    forms do.
    """
    on_stage("Training")
    fitter.prepare(clips, grouping)
    folds = fit_folds(fitter, clips, grouping)
    final = fitter.fit(clips, phase="final")

    on_stage("Calibrating")
    held_out = score_held_out(fitter, folds, final, clips, grouping)
    assembled = assemble(fitter, final, clips, held_out, grouping, target_false_alarm_rate)
    crossing_scores = score_crossings(fitter, folds, final, crossings, grouping)
    artifact = replace(
        assembled,
        codec_detectors=fit_to_codecs(fitter, stored),
        crossings=compare_crossings(assembled.calibration, crossing_scores, crossings, grouping),
    )

    on_stage("Comparing serving and exchange form")
    return compare_forms(artifact, fitter, final, clips)


def compare_forms(
    artifact: Artifact, fitter: Fitter, final: Fit, clips: Sequence[ClipFeatures]
) -> TrainedDetector:
    """Write the serving form, and compare what is read back with the exchange form."""
    serving_form = detectors.write(artifact)
    as_served = detectors.read(serving_form)
    assert isinstance(as_served, Artifact), "a fitter makes no legacy detector"
    parity = check_parity(as_served, fitter, final, clips)
    return TrainedDetector(
        artifact=as_served,
        serving_form=serving_form,
        fit=final,
        parity=parity,
        best_loss=fitter.best_loss,
        accelerator=fitter.accelerator,
    )


def assemble(
    fitter: Fitter,
    final: Fit,
    clips: Sequence[ClipFeatures],
    held_out: HeldOutScores,
    grouping: Grouping,
    target_false_alarm_rate: float,
) -> Artifact:
    """Put the artifact together from the final fit and the held-out scores."""
    golden = select_golden_features(clips[0].windows[0].features)
    scale = fit_length_scale(held_out)
    profile = fit_profile(clips)
    return Artifact(
        front_end=fitter.front_end,
        detector=final.detector,
        calibration=calibrate_held_out(held_out, scale, grouping, target_false_alarm_rate),
        length_scale=scale,
        profile=set_profile_limits(profile, clips, held_out.peaks, fitter.front_end),
        golden_features=golden,
        golden_score=final.detector.compute_anomaly_score(golden),
        steady_sound=SteadySound.fit(
            get_all_frames(clips), share=QUIET_SHARE, tolerance=DISTURBANCE_TOLERANCE
        ),
        line_fingerprint=LineFingerprint.fit(get_lines(clips), grouping.folds),
    )


def fit_to_codecs(fitter: Fitter, stored: Mapping[str, StoredClips]) -> dict[str, Detector]:
    """Fit a detector more to the clips as each codec stores them."""
    detectors = {}
    for name, through_codec in stored.items():
        grouping = group_clips(through_codec.groups, max_folds=MAX_CODEC_FOLDS)
        of_codec = copy(fitter)
        of_codec.prepare(through_codec.clips, grouping)
        detectors[name] = of_codec.fit(through_codec.clips, phase=name).detector
    return detectors
