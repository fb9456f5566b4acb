"""From a waveform to log-mel frames: the one front end that training and serving share.

The steps, in order: trim both ends, power spectrum, mel bands, normalise by the power of the clip within the band,
floor relative to the clip's own mean, decibels. Nothing of the recording's level survives, so a quiet phone and a loud
one give the same frames; level is a quality fact, never a feature.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from analysis.errors import Silent

FloatArray: TypeAlias = npt.NDArray[np.float32]
Waveform: TypeAlias = FloatArray  # (n_samples,), mono, 16 kHz, within [-1, 1]
MelPower: TypeAlias = FloatArray  # (n_frames, n_mels), linear power
Frames: TypeAlias = FloatArray  # (n_frames, n_mels), dB relative to the clip's mean power

SAMPLE_RATE_HZ = 16_000
# The shortest recording that is let in must give as many frames as a detector looks at together.
SHORTEST_SECONDS, MIN_FRAMES = 1.0, 5
MAX_CLIP_SECONDS = 3600.0
MAX_N_FFT = 8192
MAX_OVERLAPPING_FRAMES = 8
# Well above the least that float32 can hold, so that a quotient and its logarithm are finite.
MIN_FLOOR, MIN_POWER = 1e-12, np.float32(1e-30)
# Neighbouring mel bands are looked at in this many groups, so n_mels is a multiple of it.
BAND_GROUPS = 8
BLOCK_FRAMES = 96
# From this many times the training length on, a clip is heard in windows.
LONG_CLIP = 1.5


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """What decides the numbers of the front end; written into every artifact, read back from it.

    clip_seconds: the median length of the training clips; a much longer recording is heard in windows of that length.
    bandwidth_hz: up to where 19 in 20 training clips carry sound, as far as the front end listens; 0: not known.
    """

    clip_seconds: float
    n_mels: int = 128
    sample_rate_hz: int = SAMPLE_RATE_HZ
    n_fft: int = 1024
    hop_length: int = 512
    low_hz: float = 30.0
    high_hz: float = 7600.0
    trim_seconds: float = 0.1
    relative_floor: float = 1e-5
    bandwidth_hz: float = 0.0

    def __post_init__(self) -> None:
        counts = (self.n_mels, self.sample_rate_hz, self.n_fft, self.hop_length)
        makes_sense = (
            all(isinstance(count, int) for count in counts)
            and self.sample_rate_hz == SAMPLE_RATE_HZ
            and self.clip_seconds <= MAX_CLIP_SECONDS
            and self.trim_seconds >= 0
            and 0 < self.low_hz < self.high_hz <= self.sample_rate_hz / 2
            and 0 <= self.bandwidth_hz <= self.high_hz
            and 0
            < self.hop_length
            <= self.n_fft
            <= min(MAX_N_FFT, MAX_OVERLAPPING_FRAMES * self.hop_length)
            and 0 < self.n_mels <= self.n_fft // 2
            and self.n_mels % BAND_GROUPS == 0
            and MIN_FLOOR <= self.relative_floor < 1
            and min(self.clip_frames, self.frames_in(SHORTEST_SECONDS)) >= MIN_FRAMES
        )
        if not makes_sense:
            raise ValueError(f"No front end can be built to {self}.")

    @property
    def step_seconds(self) -> float:
        """Seconds from one frame to the next."""
        return self.hop_length / self.sample_rate_hz

    @property
    def clip_frames(self) -> int:
        """How many frames a clip of clip_seconds has."""
        return self.frames_in(self.clip_seconds)

    def samples_of(self, start: int, length: int) -> slice:
        """Which samples of the trimmed waveform so many frames are made of."""
        return slice(start * self.hop_length, (start + length - 1) * self.hop_length + self.n_fft)

    def frames_in(self, seconds: float) -> int:
        """How many frames a recording of so many seconds has."""
        samples = round((seconds - 2 * self.trim_seconds) * self.sample_rate_hz)
        return (samples - self.n_fft) // self.hop_length + 1


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a recording, at most about as long as the training clips.

    frames: (n_frames, n_mels), dB relative to its own mean power; samples: the waveform that they were made of.
    """

    frames: Frames
    samples: Waveform


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """A feature spec with the arrays it needs.

    mel_filterbank: (n_mels, 1 + n_fft // 2), as librosa builds it; band_hz: (n_mels + 2,), edges and centres of bands.
    """

    spec: FeatureSpec
    mel_filterbank: FloatArray
    band_hz: FloatArray

    def compute_mel_power(self, waveform: Waveform) -> MelPower:
        """Mel-band power per frame of the trimmed waveform, without padding; Silent where nothing is left to hear."""
        frames = np.lib.stride_tricks.sliding_window_view(self.trim(waveform), self.spec.n_fft)[
            :: self.spec.hop_length
        ]
        mel_power = np.empty((len(frames), self.spec.n_mels), np.float32)
        # A block at a time stays in the processor's cache, and in memory that need not be asked for each time.
        for start in range(0, len(frames), BLOCK_FRAMES):
            power = compute_power_spectrum(frames[start : start + BLOCK_FRAMES])
            np.matmul(power, self.mel_filterbank.T, out=mel_power[start : start + BLOCK_FRAMES])
        if not mel_power.any():
            raise Silent(
                "The recording is silent but for its first or last moment: was the microphone taken away?"
            )
        return mel_power

    def trim(self, waveform: Waveform) -> Waveform:
        """Drop what a finger on the button leaves at both ends."""
        edge = round(self.spec.trim_seconds * self.spec.sample_rate_hz)
        return waveform[edge : len(waveform) - edge]

    def compute_log_mel(self, mel_power: MelPower) -> Frames:
        """Decibels relative to the mean power of these frames, floored there too."""
        # A stretch of zeros within a long recording lies at the floor.
        relative = mel_power / max(mel_power.mean(), MIN_POWER)
        return to_decibels(np.maximum(relative, self.spec.relative_floor))

    def extract_frames(self, waveform: Waveform) -> Frames:
        """Log-mel frames of a whole clip."""
        return self.compute_log_mel(self.compute_mel_power(waveform))

    def cut_windows(self, waveform: Waveform, mel_power: MelPower) -> list[Window]:
        """Each stretch as long as the training clips were; one stretch unless the clip is much longer.

        Clip statistics depend on the length of the clip, so a detector only ever hears the length that it learnt.
        """
        length, samples = self.spec.clip_frames, self.trim(waveform)
        if len(mel_power) <= LONG_CLIP * length:
            return [Window(self.compute_log_mel(mel_power), samples)]
        return [
            Window(
                self.compute_log_mel(mel_power[start : start + length]),
                samples[self.spec.samples_of(start, length)],
            )
            for start in spread_starts(len(mel_power), length, step=length)
        ]

    def extract_windows(self, waveform: Waveform) -> list[Window]:
        """The windows of a whole recording."""
        return self.cut_windows(waveform, self.compute_mel_power(waveform))


def spread_starts(total: int, length: int, *, step: int) -> list[int]:
    """Starts of equal stretches about `step` apart that reach from the first frame to the last."""
    return evenly(total, length, count=1 + max(0, -(-(total - length) // step)))


def evenly(total: int, length: int, *, count: int) -> list[int]:
    """Starts of so many equal stretches that reach from the first frame to the last."""
    return [int(start) for start in np.linspace(0, total - length, count).round()]


def compute_power_spectrum(frames: FloatArray) -> FloatArray:
    """|FFT|^2 under a periodic Hann window: (n_frames, n_fft) -> (n_frames, 1 + n_fft // 2)."""
    spectrum = fft.rfft(frames * get_hann_window(frames.shape[1]), axis=1)
    power: FloatArray = spectrum.real**2
    power += spectrum.imag**2
    return power


@lru_cache(maxsize=8)
def get_hann_window(length: int) -> FloatArray:
    """Periodic Hann window, made once for all."""
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)
    window.flags.writeable = False
    return window


def to_decibels(power: FloatArray) -> FloatArray:
    """10 log10; the caller has made sure that nothing is zero."""
    decibels: FloatArray = 10 * np.log10(power)
    return decibels
