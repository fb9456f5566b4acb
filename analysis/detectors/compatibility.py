"""Check that a recording has what the model needs: what it lacks would look like a fault."""

import numpy as np

from analysis.errors import BandwidthTooNarrow, Interrupted, RecordingTooShort, TooCoarse
from analysis.sound.explanation import Profile
from analysis.sound.features import MIN_LENGTH_FRACTION, FrontEnd
from analysis.sound.quality import BAND_HZ, Quality

# A band is expected in a recording only if it is this far above the floor of the frames, and this
# far above what the format keeps: a clip may have so much less of it than the normal one.
CLEAR_DB = 6.0
RECORDED_DB = 12.0
# Of what rounding leaves, beside the machine: so much in more bands looks like another machine
# (docs/decisions/sound-quality-warnings.md).
COARSE_DB = -3.0
COARSE_SHARE = 0.05


def check_compatibility(quality: Quality, front_end: FrontEnd, profile: Profile) -> None:
    """Raise the error that says what a recording lacks of what the training clips had."""
    check_length(quality.duration_s, front_end.spec.clip_seconds)
    check_intact_length(quality, front_end.spec.clip_seconds)
    check_steps(quality, front_end, profile)
    check_bandwidth(quality, front_end, profile)


def check_bandwidth(quality: Quality, front_end: FrontEnd, profile: Profile) -> None:
    """Raise BandwidthTooNarrow where high frequencies are missing."""
    needed_hz = front_end.spec.bandwidth_hz
    # A low sample rate lacks the band for certain. What a codec seems to have removed may only be
    # too quiet to be recorded, and what is heard to the edge of a band may end beyond it.
    tolerance_hz = 0.0
    if quality.sample_rate_hz / 2 >= needed_hz:
        needed_hz = min(needed_hz, find_audible_hz(quality, front_end, profile))
        tolerance_hz = BAND_HZ
    if quality.bandwidth_hz < needed_hz - tolerance_hz:
        raise BandwidthTooNarrow(
            f"The recording has sound up to {format_khz(quality.bandwidth_hz)} only, but the model"
            f" uses frequencies up to {format_khz(needed_hz)}: what is missing would look like a"
            " fault. Record at 44.1 or 48 kHz with an app that is not made for speech, or train a"
            " model on recordings like this one."
        )


def check_length(duration_s: float, clip_seconds: float) -> None:
    """Raise RecordingTooShort for less than half the training length."""
    if duration_s < MIN_LENGTH_FRACTION * clip_seconds:
        raise RecordingTooShort(
            f"The recording is {duration_s:.1f} s long, but the model was trained on recordings of"
            f" {clip_seconds:.1f} s and needs half of that: record for {clip_seconds / 2:.1f} s or"
            " more."
        )


def check_intact_length(quality: Quality, clip_seconds: float) -> None:
    """Raise Interrupted where less than half the training length is left in one piece."""
    if quality.dropouts and quality.intact_s < MIN_LENGTH_FRACTION * clip_seconds:
        raise Interrupted(
            f"The recorder lost the sound {quality.dropouts} times, {quality.dropout_s:.1f} s in"
            f" all, and at most {quality.intact_s:.1f} s are in one piece: the model needs"
            f" {clip_seconds / 2:.1f} s. Close other apps and unpair wireless microphones, then"
            " record again."
        )


def check_steps(quality: Quality, front_end: FrontEnd, profile: Profile) -> None:
    """Raise TooCoarse where rounding leaves half as much as the machine does, in several bands."""
    floor_db = 10 * np.log10(front_end.spec.relative_floor)
    # Below the floor of the frames nothing is heard.
    heard_db = np.maximum(profile.clip_mean, floor_db)
    heard_dbfs = heard_db + measure_gain_db(quality, front_end, profile)
    coarse_share = float((quality.rounding_dbfs > heard_dbfs + COARSE_DB).mean())
    if coarse_share > COARSE_SHARE:
        raise TooCoarse(
            f"The steps in which the recording is stored are too coarse at this level: in"
            f" {coarse_share:.0%} of the frequencies that the model listens to, their noise is"
            " nearly as loud as the machine, or louder. Record in 16 bits or more (not in 8 bits,"
            " mu-law or A-law), and louder: nearer to the machine, or with a higher gain."
        )


def measure_gain_db(quality: Quality, front_end: FrontEnd, profile: Profile) -> float:
    """Return what turns decibels of a normal clip's frames into dBFS of a band of BAND_HZ."""
    power = 10 ** (profile.clip_mean.astype(np.float64) / 10)
    width_hz = (front_end.band_hz[2:] - front_end.band_hz[:-2]) / 2
    return quality.level_dbfs + 10 * float(np.log10(BAND_HZ / (power @ width_hz)))


def find_audible_hz(quality: Quality, front_end: FrontEnd, profile: Profile) -> float:
    """Return up to which frequency a normal clip of this level is audible, in bands of BAND_HZ.

    That is: above the floor of the frames, and above that of the recording. A band that is quiet by
    nature is not needed, nor is one that is lost in the steps of a quiet recording.
    """
    # On the grid on which the bandwidth is measured.
    bands_hz = BAND_HZ * (0.5 + np.arange(np.ceil(front_end.spec.high_hz / BAND_HZ)))
    usual_db = np.interp(bands_hz, front_end.band_hz[1:-1], profile.clip_mean)
    expected_dbfs = usual_db + measure_gain_db(quality, front_end, profile)
    floor_db = 10 * np.log10(front_end.spec.relative_floor)
    is_above_floor = usual_db > floor_db + CLEAR_DB
    is_recorded = expected_dbfs > quality.floor_dbfs + RECORDED_DB
    audible = np.flatnonzero(is_above_floor & is_recorded)
    return BAND_HZ * float(audible[-1] + 1) if audible.size else 0.0


def format_khz(frequency_hz: float) -> str:
    """Return the frequency in kilohertz, with its unit."""
    return f"{frequency_hz / 1000:.1f} kHz"
