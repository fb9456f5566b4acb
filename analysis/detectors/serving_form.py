"""Write and read the serving form of a version: one .npz, never unpickled, checked before use."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from analysis.detectors.artifact import DETECTORS, Artifact
from analysis.detectors.base import Detector
from analysis.detectors.calibration import Calibration, LengthScale
from analysis.detectors.conditions import CONDITIONS
from analysis.detectors.legacy import LEGACY_DETECTORS
from analysis.detectors.legacy_artifact import (
    LEGACY_READ_VERSIONS,
    LegacyArtifact,
    assemble_legacy,
    write_legacy,
)
from analysis.detectors.plain_arrays import (
    DETECTOR_PREFIX,
    Arrays,
    pack,
    require_finite,
    select_learnt_arrays,
    take_array,
    unpack,
)
from analysis.detectors.session_scores import Crossings, SessionNumbers
from analysis.errors import InvalidArtifact
from analysis.sound.disturbances import SteadySound
from analysis.sound.explanation import Profile
from analysis.sound.features import FeatureSpec, FrontEnd
from analysis.sound.line_fingerprint import N_LINES, LineFingerprint
from analysis.sound.tonal_peaks import TonalProfile, count_bins

# v1: the first.
# v2 adds level 3, domain shifts and the length scale, lowers the floor, and stores golden features
# in place of golden frames.
# v3 adds the bandwidth of the training clips and the thresholds.
# v4 adds the tonal profile (optional), and the feature groups that level 3 uses; before, all.
# v5 adds the features of steadiness and the weights of groups to level 3, what a domain shift
# costs, and the recording session of each calibration score.
# v6 adds to level 3 a detector for each codec; before, codecs were domain shifts. Windows overlap,
# what comes from beside the machine is found, and a domain shift that explains much costs less. One
# channel is judged; before, the mean of all. The machine is known by its lines, and the worst of
# many windows by how windows across two clips score (both optional).
FORMAT_VERSION = 6
READ_VERSIONS = (2, 3, 4, 5, 6)
THRESHOLDS_SINCE = 3
TONAL_PROFILE_SINCE = 4
STEADINESS_SINCE = 5
OVERLAP_SINCE = 6
CHANNEL_CHOICE_SINCE = 6
STEADY_SOUND_SINCE = 6
SHIFT_RELIEF_SINCE = 6
FINGERPRINT_SINCE = 6
CROSSINGS_SINCE = 6
# As a fraction of the spread of normal scores: what another machine rounds differently.
THRESHOLD_TOLERANCE = 1e-9

STEADY_ARRAYS = ("steady_mean", "steady_spread")
TONAL_ARRAYS = ("line_reference", "line_usual", "line_deviation")


def write(artifact: Artifact | LegacyArtifact) -> bytes:
    """Return the serving form: arrays and a JSON header."""
    if isinstance(artifact, LegacyArtifact):
        return write_legacy(artifact)
    tonal_profile = artifact.profile.tonal_profile
    fingerprint = artifact.line_fingerprint
    header = {
        "format_version": FORMAT_VERSION,
        "type": artifact.detector.type,
        "feature_spec": asdict(artifact.front_end.spec),
        "calibration": {
            "target_false_alarm_rate": artifact.calibration.target_false_alarm_rate,
            "n_groups": artifact.calibration.n_groups,
            "method": artifact.calibration.method,
            "notes": artifact.calibration.notes,
            "warning": artifact.calibration.warning,
            "critical": artifact.calibration.critical,
        },
        "length_scale": asdict(artifact.length_scale),
        "profile": {
            "curve_limit": artifact.profile.curve_limit,
            "level_limit": artifact.profile.level_limit,
            "residual_limit": artifact.profile.residual_limit,
            "line_limit": tonal_profile.limit if tonal_profile else None,
        },
        "crossings": asdict(artifact.crossings) if artifact.crossings else None,
        "golden_score": artifact.golden_score,
        "steady_limit": artifact.steady_sound.limit if artifact.steady_sound else None,
        "fingerprint_limit": fingerprint.limit if fingerprint else None,
    }
    learnt = {DETECTOR_PREFIX: artifact.detector.to_arrays()}
    for condition, detector in artifact.codec_detectors.items():
        learnt[f"{condition}_"] = detector.to_arrays()
    return pack(header, artifact.shared_arrays(), learnt)


def read(content: bytes) -> Artifact | LegacyArtifact:
    """Read a serving form; InvalidArtifact unless its parts fit and its golden score holds."""
    arrays = unpack(content)
    # Numbers that overflow lead to a different golden score, which is refused below.
    with np.errstate(all="ignore"):
        try:
            header = parse_header(take_array(arrays, "header", np.uint8, (None,)).tobytes())
            if header["type"] in LEGACY_DETECTORS:
                return assemble_legacy(header, arrays)
            artifact = assemble(header, arrays)
        except (KeyError, TypeError, ValueError, OverflowError) as exc:
            raise InvalidArtifact(
                "The artifact's header is incomplete or has a value that is not valid."
            ) from exc
        artifact.check_golden()
    return artifact


def parse_header(content: bytes) -> dict[str, Any]:
    """Return the header; InvalidArtifact unless this release knows its format and its type."""
    try:
        header = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise InvalidArtifact("The artifact's header is not JSON.") from exc
    if not isinstance(header, dict) or header.get("type") not in DETECTORS | LEGACY_DETECTORS:
        raise InvalidArtifact("The artifact's header names no type of detector of this release.")
    versions = LEGACY_READ_VERSIONS if header["type"] in LEGACY_DETECTORS else READ_VERSIONS
    if header.get("format_version") not in versions:
        supported = " and ".join(map(str, versions))
        raise InvalidArtifact(f"This release reads artifacts of format {supported} only.")
    return header


def assemble(header: Mapping[str, Any], arrays: Arrays) -> Artifact:
    """Make an artifact of the parts, each checked against the feature spec."""
    detector_class = DETECTORS[header["type"]]
    spec = read_spec(header)
    feature_shape = detector_class.feature_shape(spec)
    return Artifact(
        front_end=read_front_end(arrays, spec),
        detector=detector_class.from_arrays(read_learnt_arrays(header, arrays), spec),
        calibration=read_calibration(header, arrays),
        length_scale=read_length_scale(header),
        profile=read_profile(header, arrays, spec),
        golden_features=take_array(arrays, "golden_description", np.float32, feature_shape),
        golden_score=require_finite(header["golden_score"]),
        codec_detectors=read_codec_detectors(header, arrays, spec),
        crossings=read_crossings(header),
        steady_sound=read_steady_sound(header, arrays, spec),
        line_fingerprint=read_line_fingerprint(header, arrays),
    )


def read_spec(header: Mapping[str, Any]) -> FeatureSpec:
    """Return the feature spec."""
    lacking = {}
    if header["format_version"] < STEADINESS_SINCE:
        lacking["has_steadiness"] = False
    if header["format_version"] < OVERLAP_SINCE:
        lacking["has_overlap"] = False
    if header["format_version"] < CHANNEL_CHOICE_SINCE:
        lacking["has_channel_choice"] = False
    return FeatureSpec(**header["feature_spec"], **lacking)


def read_crossings(header: Mapping[str, Any]) -> Crossings | None:
    """Return how windows across two clips score, where the version knows."""
    # The first versions of format 6 were written before it was measured.
    stored = header.get("crossings") if header["format_version"] >= CROSSINGS_SINCE else None
    if stored is None:
        return None
    return Crossings(require_finite(stored["rise"]), require_finite(stored["spread"]))


def read_learnt_arrays(header: Mapping[str, Any], arrays: Arrays) -> Arrays:
    """Return what the detector learnt, so that older versions score as they always did.

    Before v6 what a domain shift explains makes it no cheaper; before v5 shifts cost nothing, and
    groups are equal.
    """
    learnt = select_learnt_arrays(arrays)
    if header["format_version"] < SHIFT_RELIEF_SINCE:
        learnt |= {"shift_relief": np.zeros(1)}
    if header["format_version"] < STEADINESS_SINCE:
        n_groups = len(learnt["usual"]) if "usual" in learnt else 0
        learnt |= {"shift_cost": np.zeros(1), "group_weights": np.ones(n_groups)}
    return learnt


def read_codec_detectors(
    header: Mapping[str, Any], arrays: Arrays, spec: FeatureSpec
) -> dict[str, Detector]:
    """Return the detector of each codec that the version has learnt."""
    detector_class = DETECTORS[header["type"]]
    learnt = {name: select_learnt_arrays(arrays, f"{name}_") for name in CONDITIONS}
    return {
        name: detector_class.from_arrays(of_codec, spec)
        for name, of_codec in learnt.items()
        if of_codec
    }


def read_steady_sound(
    header: Mapping[str, Any], arrays: Arrays, spec: FeatureSpec
) -> SteadySound | None:
    """Return by what sounds from beside the machine are found; formats before v6 lack it."""
    if header["format_version"] < STEADY_SOUND_SINCE:
        return None
    limit = header["steady_limit"]
    if limit is None and not any(name in arrays for name in STEADY_ARRAYS):
        return None
    spread = take_array(arrays, "steady_spread", np.float32, (spec.n_mels,))
    if not (spread > 0).all():
        raise InvalidArtifact("The artifact's scales must be positive.")
    return SteadySound(
        mean=take_array(arrays, "steady_mean", np.float32, (spec.n_mels,)),
        spread=spread,
        limit=require_finite(limit),
    )


def read_line_fingerprint(header: Mapping[str, Any], arrays: Arrays) -> LineFingerprint | None:
    """Return by what the machine is known; without it nothing is said of that."""
    if header["format_version"] < FINGERPRINT_SINCE:
        return None
    if header.get("fingerprint_limit") is None and "fingerprint" not in arrays:
        return None
    mean = take_array(arrays, "fingerprint", np.float16, (N_LINES,))
    return LineFingerprint(mean=mean, limit=require_finite(header["fingerprint_limit"]))


def read_front_end(arrays: Arrays, spec: FeatureSpec) -> FrontEnd:
    """Return the front end of this spec."""
    filterbank_shape = (spec.n_mels, 1 + spec.n_fft // 2)
    return FrontEnd(
        spec=spec,
        mel_filterbank=take_array(arrays, "mel_filterbank", np.float32, filterbank_shape),
        band_hz=take_array(arrays, "band_hz", np.float32, (spec.n_mels + 2,)),
    )


def read_length_scale(header: Mapping[str, Any]) -> LengthScale:
    """Return the length scale."""
    stored = header["length_scale"]
    return LengthScale(
        factor=require_finite(stored["factor"]), offset=require_finite(stored["offset"])
    )


def read_profile(header: Mapping[str, Any], arrays: Arrays, spec: FeatureSpec) -> Profile:
    """Return the profile of the normal clips."""
    limits = header["profile"]
    return Profile(
        clip_mean=take_array(arrays, "clip_mean", np.float32, (spec.n_mels,)),
        precision=take_array(arrays, "precision", np.float32, (spec.n_mels, spec.n_mels)),
        curve_limit=require_finite(limits["curve_limit"]),
        level_limit=require_finite(limits["level_limit"]),
        residual_limit=require_finite(limits["residual_limit"]),
        tonal_profile=read_tonal_profile(header, arrays, spec),
    )


def read_tonal_profile(
    header: Mapping[str, Any], arrays: Arrays, spec: FeatureSpec
) -> TonalProfile | None:
    """Return the tonal profile, if there is one; formats before v4 have none."""
    if header["format_version"] < TONAL_PROFILE_SINCE:
        return None
    limit = header["profile"]["line_limit"]
    if limit is None and not any(name in arrays for name in TONAL_ARRAYS):
        return None
    return TonalProfile(
        reference=take_array(arrays, "line_reference", np.float32, (count_bins(spec),)),
        center=take_array(arrays, "line_usual", np.float32, (spec.n_mels,)),
        scale=take_array(arrays, "line_deviation", np.float32, (spec.n_mels,)),
        limit=require_finite(limit),
    )


def read_calibration(header: Mapping[str, Any], arrays: Arrays) -> Calibration:
    """Return the version's own calibration; its scores must give the stored thresholds."""
    stored = header["calibration"]
    calibration = Calibration(
        scores=take_array(arrays, "calibration_scores", np.float64, (None,)),
        target_false_alarm_rate=stored["target_false_alarm_rate"],
        n_groups=stored["n_groups"],
        method=str(stored["method"]),
        notes=tuple(map(str, stored["notes"])),
        sessions=read_sessions(header, arrays),
    )
    if header["format_version"] >= THRESHOLDS_SINCE:
        check_threshold("warning", calibration.warning, stored, calibration.spread)
        check_threshold("critical", calibration.critical, stored, calibration.spread)
    return calibration


def read_sessions(header: Mapping[str, Any], arrays: Arrays) -> SessionNumbers | None:
    """Return the session of each calibration score, if it is known; formats before v5 tell none."""
    if header["format_version"] < STEADINESS_SINCE or "calibration_sessions" not in arrays:
        return None
    return take_array(arrays, "calibration_sessions", np.int32, (None,))


def check_threshold(name: str, computed: float, stored: Mapping[str, Any], spread: float) -> None:
    """Raise InvalidArtifact for a stored threshold that this release computes differently."""
    threshold = require_finite(stored[name])
    if not abs(computed - threshold) <= THRESHOLD_TOLERANCE * spread:
        raise InvalidArtifact(
            f"The artifact's {name} threshold is {threshold:.6g}, but its scores give"
            f" {computed:.6g}."
        )
