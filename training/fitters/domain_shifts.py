"""What phones and codecs do to the sound of a machine, measured on the training recordings themselves."""

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
from analysis.sound.audio import SAMPLE_RATE_HZ, decode
from analysis.sound.containers import identify_container
from analysis.sound.decoders import open_sound
from analysis.sound.features import FloatArray, FrontEnd, Waveform


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording at its own sample rate, because what a codec does depends on it: (n_samples,), mono."""

    samples: FloatArray
    sample_rate_hz: int

    @classmethod
    def read(cls, source: Path | bytes) -> Self:
        """Read a recording that has been decoded once before, so that nothing about it is in doubt."""
        content, container, _seconds = identify_container(
            source.read_bytes() if isinstance(source, Path) else source
        )
        with open_sound(content, container) as sound:
            blocks = [block for block in sound.blocks if block.samples.size]
        mono = np.concatenate([block.samples.mean(axis=1) for block in blocks])
        return cls(np.clip(mono, -1, 1).astype(np.float32), blocks[0].sample_rate_hz)

    def at(self, sample_rate_hz: int) -> FloatArray:
        """The samples at another rate."""
        if sample_rate_hz == self.sample_rate_hz:
            return self.samples
        resampled: FloatArray = soxr.resample(
            self.samples, self.sample_rate_hz, sample_rate_hz, quality="HQ"
        )
        return resampled


DomainShift = Callable[[Sound], Waveform]
# The effect of a channel on one machine hardly differs from clip to clip.
MAX_CLIPS = 12
LOWEST_HZ, MIDDLE_HZ = 30.0, 1000.0


def measure_domain_shifts(
    front_end: FrontEnd, kind: type[Detector], sounds: Sequence[Callable[[], Sound]]
) -> FloatArray:
    """What each of CHANNELS adds on average to a description, over frames too where it has them.

    sounds: of every clip, read only where needed. Returns (n_channels, n_features).
    """
    chosen = [
        sounds[i] for i in np.linspace(0, len(sounds) - 1, min(MAX_CLIPS, len(sounds))).astype(int)
    ]
    rows = joblib.Parallel(n_jobs=-1, prefer="threads")(
        joblib.delayed(measure_clip_shifts)(front_end, kind, read()) for read in chosen
    )
    shifts: FloatArray = np.stack(rows).mean(axis=0)
    return shifts


def measure_clip_shifts(front_end: FrontEnd, kind: type[Detector], sound: Sound) -> FloatArray:
    """The shifts of one clip."""
    plain = mean_features(front_end, kind, sound.at(SAMPLE_RATE_HZ))
    return np.stack(
        [
            mean_features(front_end, kind, channel(sound)) - plain
            for channel in DOMAIN_SHIFTS.values()
        ]
    )


def mean_features(front_end: FrontEnd, kind: type[Detector], waveform: Waveform) -> FloatArray:
    """One row for a whole clip: (n_features,)."""
    rows = [
        np.atleast_2d(kind.extract_features(window, front_end.spec)).mean(axis=0)
        for window in front_end.extract_windows(waveform)
    ]
    mean: FloatArray = np.stack(rows).mean(axis=0)
    return mean


def band_limit(sound: Sound, *, order: int, frequency_hz: float, keeps: str) -> Waveform:
    """A microphone that hears little below a frequency (keeps "high") or above it ("low"); Butterworth."""
    heard = scipy.signal.sosfilt(sections(order, frequency_hz, keeps), sound.at(SAMPLE_RATE_HZ))
    limited: Waveform = heard.astype(np.float32)
    return limited


@cache
def sections(order: int, frequency_hz: float, keeps: str) -> FloatArray:
    """Second-order sections of the filter."""
    return scipy.signal.butter(order, frequency_hz, keeps, fs=SAMPLE_RATE_HZ, output="sos")


def tilt(sound: Sound, *, db_per_octave: float) -> Waveform:
    """A microphone that hears more or less the higher."""
    samples = sound.at(SAMPLE_RATE_HZ)
    octaves = np.log2(
        np.maximum(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ), LOWEST_HZ) / MIDDLE_HZ
    )
    heard = np.fft.irfft(np.fft.rfft(samples) * 10 ** (db_per_octave * octaves / 20), len(samples))
    tilted: Waveform = heard.astype(np.float32)
    return tilted


def compress(sound: Sound, *, encoder: str, muxer: str, bit_rate: int) -> Waveform:
    """Through a lossy codec and back, as a server would decode it; at its own rate where the codec has that."""
    rates = av.Codec(encoder, "w").audio_rates or []
    sample_rate_hz = (
        sound.sample_rate_hz
        if sound.sample_rate_hz in rates
        else max(rate for rate in rates if rate <= 48_000)
    )
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(sound.at(sample_rate_hz)[np.newaxis]), "fltp", "mono"
    )
    frame.sample_rate, frame.pts = sample_rate_hz, 0
    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as container:
        stream = container.add_stream(encoder, rate=sample_rate_hz, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = bit_rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return decode(file.getvalue()).waveform


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
