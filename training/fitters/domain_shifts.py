"""Measures on the training recordings what phones and codecs do to the sound of the machine."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Self

import av
import joblib
import numpy as np
import scipy.signal
import soxr

from analysis.detectors import Detector
from analysis.sound.audio import SAMPLE_RATE_HZ, decode, read_at_own_rate
from analysis.sound.features import FloatArray, FrontEnd, Waveform

# The effect of a domain shift on one machine hardly differs from clip to clip.
MAX_CLIPS = 12
# Spectral tilt pivots at the middle frequency and is constant below the lowest one.
LOWEST_HZ = 30.0
MIDDLE_HZ = 1000.0
# Phones record no higher, and codecs take rates above only by name.
MAX_CODEC_RATE_HZ = 48_000


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording at its own sample rate, on which a codec depends: (n_samples,), mono."""

    samples: FloatArray
    sample_rate_hz: int

    @classmethod
    def read(cls, source: Path | bytes) -> Self:
        """Read a recording that has been decoded once before, and so needs no checks."""
        return cls(*read_at_own_rate(source))

    def at(self, sample_rate_hz: int) -> FloatArray:
        """Resample."""
        if sample_rate_hz == self.sample_rate_hz:
            return self.samples
        resampled: FloatArray = soxr.resample(
            self.samples, self.sample_rate_hz, sample_rate_hz, quality="HQ"
        )
        return resampled


DomainShift = Callable[[Sound], Waveform]


def measure_domain_shifts(
    front_end: FrontEnd, detector_class: type[Detector], sounds: Sequence[Callable[[], Sound]]
) -> FloatArray:
    """Measure what each of DOMAIN_SHIFTS adds on average to the features of a clip.

    sounds: of every clip, each read only if needed. Returns (n_shifts, n_features), the mean over
    frames where features have them.
    """
    n_clips = min(MAX_CLIPS, len(sounds))
    indices = np.linspace(0, len(sounds) - 1, n_clips).astype(int)
    by_clip = joblib.Parallel(n_jobs=-1, prefer="threads")(
        joblib.delayed(measure_clip_shifts)(front_end, detector_class, sounds[i]()) for i in indices
    )
    shifts: FloatArray = np.stack(by_clip).mean(axis=0)
    return shifts


def measure_clip_shifts(
    front_end: FrontEnd, detector_class: type[Detector], sound: Sound
) -> FloatArray:
    """Measure the shifts of one clip: (n_shifts, n_features)."""
    unshifted = mean_features(front_end, detector_class, sound.at(SAMPLE_RATE_HZ))
    shifts = []
    for shift in DOMAIN_SHIFTS.values():
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


def compress(sound: Sound, *, encoder: str, muxer: str, bit_rate: int) -> Waveform:
    """Encode with a lossy codec and decode as a server would."""
    sample_rate_hz = codec_rate_hz(encoder, sound.sample_rate_hz)
    samples = np.ascontiguousarray(sound.at(sample_rate_hz)[np.newaxis])
    frame = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
    frame.sample_rate = sample_rate_hz
    frame.pts = 0

    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as container:
        stream = container.add_stream(encoder, rate=sample_rate_hz, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = bit_rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return decode(file.getvalue()).waveform


def codec_rate_hz(encoder: str, sample_rate_hz: int) -> int:
    """Return the recording's own rate where the codec has it, else the codec's highest."""
    rates = av.Codec(encoder, "w").audio_rates or []
    if sample_rate_hz in rates:
        return sample_rate_hz
    return max(rate for rate in rates if rate <= MAX_CODEC_RATE_HZ)


DOMAIN_SHIFTS: dict[str, DomainShift] = {
    "high-pass": partial(band_limit, order=2, frequency_hz=150.0, keeps="high"),
    "steep high-pass": partial(band_limit, order=4, frequency_hz=250.0, keeps="high"),
    "low-pass": partial(band_limit, order=2, frequency_hz=5000.0, keeps="low"),
    "duller": partial(tilt, db_per_octave=-3.0),
    "brighter": partial(tilt, db_per_octave=3.0),
    "Opus": partial(compress, encoder="libopus", muxer="webm", bit_rate=16_000),
    "AAC": partial(compress, encoder="aac", muxer="ipod", bit_rate=64_000),
    "AAC at half the rate": partial(compress, encoder="aac", muxer="ipod", bit_rate=32_000),
}
