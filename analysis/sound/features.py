"""Turn a waveform into log-mel frames: the one front end that training and serving share.

The steps, in order: trim both ends, power spectrum, mel bands, normalise by the power of the clip
within the band, floor relative to the clip's own mean, decibels. Nothing of the recording's level
survives, so a quiet phone and a loud one give the same frames; level is a quality fact, never a
feature.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from analysis.errors import Interrupted, Silent
from analysis.sound.decoding.gaps import Gap, Run, keep_soundless, split_samples

FloatArray: TypeAlias = npt.NDArray[np.float32]
Waveform: TypeAlias = FloatArray  # (n_samples,), mono, 16 kHz, within [-1, 1]
MelPower: TypeAlias = FloatArray  # (n_frames, n_mels), linear power
Frames: TypeAlias = FloatArray  # (n_frames, n_mels), dB relative to the clip's mean power

SAMPLE_RATE_HZ = 16_000
# The shortest accepted recording must have as many frames as a detector takes at once.
SHORTEST_SECONDS = 1.0
MIN_FRAMES = 5
MAX_CLIP_SECONDS = 3600.0
MAX_N_FFT = 8192
MAX_OVERLAPPING_FRAMES = 8
# Well above the smallest float32, so that quotients and their logarithms are finite.
MIN_FLOOR = 1e-12
MIN_POWER = np.float32(1e-30)
# Neighbouring mel bands are summarised in this many groups, so n_mels is a multiple of it.
BAND_GROUPS = 8
# Frames that are transformed together: they fit into the cache of the processor.
BLOCK_FRAMES = 96
# A clip that is longer than the training clips by more than this factor is cut into windows.
LONG_CLIP = 1.5
# Half the training length, less what codecs and recorders cut off at the ends. The length scale
# does not hold for shorter clips (docs/decisions/compatibility.md).
MIN_LENGTH_FRACTION = 0.49


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """The parameters of the front end, written into every artifact and read back from it.

    clip_seconds: the median length of the training clips; a much longer recording is scored in
    windows of that length. bandwidth_hz: up to where 19 in 20 training clips carry sound, at most
    high_hz; 0: unknown. has_steadiness: whether level 3 has features of how steady the sound is.
    has_overlap: whether windows overlap by half. has_channel_choice: whether one channel is judged;
    before, the mean of all.
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
    has_steadiness: bool = True
    has_overlap: bool = True
    has_channel_choice: bool = True

    def __post_init__(self) -> None:
        counts = (self.n_mels, self.sample_rate_hz, self.n_fft, self.hop_length)
        max_n_fft = min(MAX_N_FFT, MAX_OVERLAPPING_FRAMES * self.hop_length)
        is_valid = (
            all(isinstance(count, int) for count in counts)
            and isinstance(self.has_steadiness, bool)
            and isinstance(self.has_overlap, bool)
            and isinstance(self.has_channel_choice, bool)
            and self.sample_rate_hz == SAMPLE_RATE_HZ
            and self.clip_seconds <= MAX_CLIP_SECONDS
            and self.trim_seconds >= 0
            and 0 < self.low_hz < self.high_hz <= self.sample_rate_hz / 2
            and 0 <= self.bandwidth_hz <= self.high_hz
            and 0 < self.hop_length <= self.n_fft <= max_n_fft
            and 0 < self.n_mels <= self.n_fft // 2
            and self.n_mels % BAND_GROUPS == 0
            and MIN_FLOOR <= self.relative_floor < 1
            and min(self.clip_frames, self.count_frames(SHORTEST_SECONDS)) >= MIN_FRAMES
        )
        if not is_valid:
            raise ValueError(f"These parameters of the front end are not valid: {self}.")

    @property
    def step_seconds(self) -> float:
        """Seconds from one frame to the next."""
        return self.hop_length / self.sample_rate_hz

    @property
    def clip_frames(self) -> int:
        """The number of frames of a clip of clip_seconds."""
        return self.count_frames(self.clip_seconds)

    @property
    def window_step(self) -> int:
        """The number of frames from the start of one window to the next, about."""
        return max(1, self.clip_frames // 2) if self.has_overlap else self.clip_frames

    def is_long(self, n_frames: int) -> bool:
        """Return whether a recording of so many frames has several windows."""
        return n_frames > LONG_CLIP * self.clip_frames

    def place_windows(self, n_frames: int) -> list[int]:
        """Return the first frame of each window of a long recording, first to last."""
        return spread_starts(n_frames, self.clip_frames, step=self.window_step)

    def count_frames(self, seconds: float) -> int:
        """Return the number of frames of a recording of this length."""
        samples = round((seconds - 2 * self.trim_seconds) * self.sample_rate_hz)
        return (samples - self.n_fft) // self.hop_length + 1

    def find_stretches(self, n_samples: int, gaps: Sequence[Gap]) -> list[Run]:
        """Return the runs of frames that no gap touches and that are long enough to be judged.

        Gaps that have sound are judged where no run is long enough otherwise. n_samples: of the
        whole waveform. Raises Interrupted where there is none.
        """
        if not gaps:
            return [(0, self.count_frames(n_samples / self.sample_rate_hz))]
        needed = max(self.count_frames(MIN_LENGTH_FRACTION * self.clip_seconds), MIN_FRAMES)
        for breaks in (gaps, keep_soundless(gaps)):
            stretches = [
                self._find_frames(stretch, n_samples)
                for stretch in split_samples(n_samples, breaks)
            ]
            long_enough = [stretch for stretch in stretches if stretch[1] - stretch[0] >= needed]
            if long_enough:
                return long_enough
        raise Interrupted(
            "The recorder lost sound so often that no piece is half as long as the recordings"
            " that the model was trained on. Close other apps, and record again."
        )

    def _find_frames(self, stretch: Run, n_samples: int) -> Run:
        """Return the frames that lie wholly in a stretch of the samples."""
        edge = round(self.trim_seconds * self.sample_rate_hz)
        first = -(-max(stretch[0] - edge, 0) // self.hop_length)
        last_sample = min(stretch[1], n_samples - edge) - edge
        return first, (last_sample - self.n_fft) // self.hop_length + 1

    def slice_samples(self, first_frame: int, n_frames: int) -> slice:
        """Return which samples of the trimmed waveform these frames are computed from."""
        last_frame = first_frame + n_frames - 1
        return slice(first_frame * self.hop_length, last_frame * self.hop_length + self.n_fft)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a recording, about as long as the training clips at most.

    frames: (n_frames, n_mels), dB relative to its own mean power; samples: the waveform that they
    were computed from. first_frame: where in the recording it begins.
    """

    frames: Frames
    samples: Waveform
    first_frame: int = 0

    def holds(self, frame: int) -> bool:
        """Return whether this frame of the recording lies in it."""
        return self.first_frame <= frame < self.first_frame + len(self.frames)


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """A feature spec with the arrays that it needs.

    mel_filterbank: (n_mels, 1 + n_fft // 2), as librosa builds it; band_hz: (n_mels + 2,), edges
    and centres of the bands.
    """

    spec: FeatureSpec
    mel_filterbank: FloatArray
    band_hz: FloatArray

    def trim(self, waveform: Waveform) -> Waveform:
        """Drop both ends, where tapping the record button may be heard."""
        edge = round(self.spec.trim_seconds * self.spec.sample_rate_hz)
        return waveform[edge : len(waveform) - edge]

    def compute_mel_power(self, waveform: Waveform) -> MelPower:
        """Return the power of each frame of the trimmed waveform in each mel band, without padding.

        Raises Silent where all of it is zero.
        """
        samples = self.trim(waveform)
        frames = np.lib.stride_tricks.sliding_window_view(samples, self.spec.n_fft)
        frames = frames[:: self.spec.hop_length]
        mel_power = np.empty((len(frames), self.spec.n_mels), np.float32)
        for start in range(0, len(frames), BLOCK_FRAMES):
            power = compute_power_spectrum(frames[start : start + BLOCK_FRAMES])
            np.matmul(power, self.mel_filterbank.T, out=mel_power[start : start + BLOCK_FRAMES])
        if not mel_power.any():
            raise Silent(
                "The recording is silent except at its beginning or end: is the microphone"
                " connected?"
            )
        return mel_power

    def compute_log_mel(self, mel_power: MelPower) -> Frames:
        """Return decibels relative to the mean power of these frames, at least the floor."""
        # Frames that are all zero within a long recording lie at the floor.
        relative = mel_power / max(mel_power.mean(), MIN_POWER)
        return to_decibels(np.maximum(relative, self.spec.relative_floor))

    def cut_waveform(self, waveform: Waveform) -> list[Waveform]:
        """Cut a recording into one waveform a window, each with ends of its own to trim."""
        n_frames = self.spec.count_frames(len(waveform) / self.spec.sample_rate_hz)
        if not self.spec.is_long(n_frames):
            return [waveform]
        edges = len(waveform) - len(self.trim(waveform))
        parts = [
            self.spec.slice_samples(start, self.spec.clip_frames)
            for start in self.spec.place_windows(n_frames)
        ]
        return [waveform[part.start : part.stop + edges] for part in parts]

    def extract_frames(self, waveform: Waveform) -> Frames:
        """Return the log-mel frames of a whole clip."""
        return self.compute_log_mel(self.compute_mel_power(waveform))

    def extract_windows(self, waveform: Waveform) -> list[Window]:
        """Return the windows of a recording."""
        mel_power = self.compute_mel_power(waveform)
        return self.cut_windows(waveform, mel_power, [(0, len(mel_power))])

    def cut_windows(
        self, waveform: Waveform, mel_power: MelPower, stretches: Sequence[Run]
    ) -> list[Window]:
        """Cut each stretch of frames into windows as long as the training clips.

        Statistics depend on the length of a clip, so a detector scores only the length it learnt.
        Windows overlap, so that a brief fault lies in one of them nearly whole. None reaches over
        a gap between stretches: joining would make a click.
        """
        samples = self.trim(waveform)
        return [
            self._make_window(samples, mel_power, start, end)
            for stretch in stretches
            for start, end in self._place_windows(stretch)
        ]

    def take_longest(self, waveform: Waveform, n_frames: int, stretches: Sequence[Run]) -> Waveform:
        """Return the samples of the longest stretch of frames, of n_frames in all."""
        samples = self.trim(waveform)
        first, end = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
        is_whole = (first, end) == (0, n_frames)
        return samples if is_whole else samples[self.spec.slice_samples(first, end - first)]

    def _place_windows(self, stretch: Run) -> list[Run]:
        """Return the windows of a stretch: one, unless it is much longer than a training clip."""
        first, end = stretch
        if not self.spec.is_long(end - first):
            return [stretch]
        starts = self.spec.place_windows(end - first)
        return [(first + start, first + start + self.spec.clip_frames) for start in starts]

    def _make_window(self, samples: Waveform, mel_power: MelPower, first: int, end: int) -> Window:
        frames = self.compute_log_mel(mel_power[first:end])
        of_window = self.spec.slice_samples(first, end - first)
        is_whole = (first, end) == (0, len(mel_power))
        return Window(frames, samples if is_whole else samples[of_window], first)


def spread_starts(total: int, length: int, *, step: int) -> list[int]:
    """Return the starts of parts about `step` apart that cover everything, first to last."""
    n_steps = max(0, -(-(total - length) // step))
    return space_starts(total, length, count=1 + n_steps)


def space_starts(total: int, length: int, *, count: int) -> list[int]:
    """Return the starts of `count` parts, evenly spaced from the beginning to the end."""
    return [int(start) for start in np.linspace(0, total - length, count).round()]


def compute_power_spectrum(frames: FloatArray) -> FloatArray:
    """Return |FFT|^2 under a Hann window: (n_frames, n_fft) -> (n_frames, 1 + n_fft // 2)."""
    spectrum = fft.rfft(frames * get_hann_window(frames.shape[1]), axis=1)
    power: FloatArray = spectrum.real**2
    power += spectrum.imag**2
    return power


@lru_cache(maxsize=8)
def get_hann_window(length: int) -> FloatArray:
    """Return the periodic Hann window; each length is computed once."""
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)
    window.flags.writeable = False
    return window


def to_decibels(power: FloatArray) -> FloatArray:
    """Return 10 log10 of a power in which nothing is zero."""
    decibels: FloatArray = 10 * np.log10(power)
    return decibels
