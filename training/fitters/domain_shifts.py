"""Measures on the training recordings what phones and codecs do to the sound of the machine."""

from collections.abc import Callable, Sequence
from functools import cache, partial

import joblib
import numpy as np
import scipy.signal

from analysis.detectors import Detector
from analysis.detectors.artifact import DETECTORS
from analysis.sound.audio import SAMPLE_RATE_HZ
from analysis.sound.features import FloatArray, FrontEnd, Waveform
from training.fitters.base import Fitter
from training.fitters.codecs import CODECS
from training.fitters.sounds import Sound

# The effect of a domain shift on one machine hardly differs from clip to clip.
MAX_CLIPS = 12
# Spectral tilt pivots at the middle frequency and is constant below the lowest one.
LOWEST_HZ = 30.0
MIDDLE_HZ = 1000.0
# A part of a tilt is not as a weaker tilt: other bands rise above the floor.
MORE_TILTS_DB = (-4.0, -2.0, 2.0, 4.0)
# Louder noise is nearer to a leak than to a microphone.
NOISES_DB = (-50.0, -40.0, -30.0)
NOISE_SEED = 0

DomainShift = Callable[[Sound], Waveform]


def measure_domain_shifts(
    front_end: FrontEnd, fitter_class: type[Fitter], sounds: Sequence[Callable[[], Sound]]
) -> FloatArray:
    """Measure what each domain shift adds on average to the features of a clip.

    sounds: of every clip, each read only if needed. Returns (n_shifts, n_features), the mean over
    frames where features have them.
    """
    n_clips = min(MAX_CLIPS, len(sounds))
    indices = np.linspace(0, len(sounds) - 1, n_clips).astype(int)
    by_clip = joblib.Parallel(n_jobs=-1, prefer="threads")(
        joblib.delayed(measure_clip_shifts)(front_end, fitter_class, sounds[i]()) for i in indices
    )
    shifts: FloatArray = np.stack(by_clip).mean(axis=0)
    return shifts


def measure_clip_shifts(
    front_end: FrontEnd, fitter_class: type[Fitter], sound: Sound
) -> FloatArray:
    """Measure the shifts of one clip: (n_shifts, n_features)."""
    detector_class = DETECTORS[fitter_class.detector_type]
    domain_shifts = RESPONSES | (MORE_RESPONSES if fitter_class.learns_codecs else CODECS)
    unshifted = mean_features(front_end, detector_class, sound.at(SAMPLE_RATE_HZ))
    shifts = []
    for shift in domain_shifts.values():
        shifted = mean_features(front_end, detector_class, shift(sound))
        shifts.append(shifted - unshifted)
    return np.stack(shifts)


def mean_features(
    front_end: FrontEnd, detector_class: type[Detector], waveform: Waveform
) -> FloatArray:
    """Average the features over frames and windows: (n_features,)."""
    by_window = [
        np.atleast_2d(detector_class.extract_features(window, front_end.spec)).mean(axis=0)
        for window in front_end.extract_windows(waveform)
    ]
    mean: FloatArray = np.stack(by_window).mean(axis=0)
    return mean


def band_limit(sound: Sound, *, order: int, frequency_hz: float, keeps: str) -> Waveform:
    """Filter like a microphone that is deaf below a frequency (keeps "high") or above ("low")."""
    sections = butterworth_sections(order, frequency_hz, keeps)
    limited: Waveform = scipy.signal.sosfilt(sections, sound.at(SAMPLE_RATE_HZ)).astype(np.float32)
    return limited


@cache
def butterworth_sections(order: int, frequency_hz: float, keeps: str) -> FloatArray:
    """Design a Butterworth filter, as second-order sections."""
    sections: FloatArray = scipy.signal.butter(
        order, frequency_hz, keeps, fs=SAMPLE_RATE_HZ, output="sos"
    )
    return sections


def tilt(sound: Sound, *, db_per_octave: float) -> Waveform:
    """Filter like a microphone whose response rises or falls with frequency."""
    samples = sound.at(SAMPLE_RATE_HZ)
    frequency_hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    octaves = np.log2(np.maximum(frequency_hz, LOWEST_HZ) / MIDDLE_HZ)
    response = 10 ** (db_per_octave * octaves / 20)
    tilted: Waveform = np.fft.irfft(np.fft.rfft(samples) * response, len(samples)).astype(
        np.float32
    )
    return tilted


def add_noise(sound: Sound, *, level_db: float) -> Waveform:
    """Add the white noise of a microphone, its RMS this far above that of the recording."""
    samples = sound.at(SAMPLE_RATE_HZ)
    noise = np.random.default_rng(NOISE_SEED).normal(size=len(samples))
    gain = samples.std() * 10 ** (level_db / 20)
    noisy: Waveform = (samples + gain * noise).astype(np.float32)
    return noisy


RESPONSES: dict[str, DomainShift] = {
    "high-pass": partial(band_limit, order=2, frequency_hz=150.0, keeps="high"),
    "steep high-pass": partial(band_limit, order=4, frequency_hz=250.0, keeps="high"),
    "low-pass": partial(band_limit, order=2, frequency_hz=5000.0, keeps="low"),
    "duller": partial(tilt, db_per_octave=-3.0),
    "brighter": partial(tilt, db_per_octave=3.0),
}
# Levels 1 and 2 find no more with these, and raise no fewer false alarms.
MORE_RESPONSES: dict[str, DomainShift] = {
    **{f"tilt {db:+} dB": partial(tilt, db_per_octave=db) for db in MORE_TILTS_DB},
    **{f"noise {db:+} dB": partial(add_noise, level_db=db) for db in NOISES_DB},
}
