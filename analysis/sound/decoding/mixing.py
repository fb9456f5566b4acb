"""Mix the blocks of a recording to one waveform at 16 kHz, or name why that cannot be."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from analysis.errors import (
    ChannelsCancel,
    Interrupted,
    NotFinite,
    RecordingTooLong,
    RecordingTooShort,
    Silent,
    TooManyChannels,
    Truncated,
    UndecodableAudio,
)
from analysis.sound.containers import Container
from analysis.sound.decoding.blocks import BLOCK_SAMPLES, LOSSLESS, Block, Samples, Sound
from analysis.sound.gaps import (
    ChangeMeter,
    Gap,
    find_gaps,
    find_longest_stretch,
    measure_intact_s,
)

SAMPLE_RATE_HZ = 16_000
Waveform = npt.NDArray[np.float32]  # (n_samples,), mono, 16 kHz, [-1, 1]

SILENT_PEAK = 2 / 2**15
# Tapping the record button may be heard this long at both ends.
EDGE_SECONDS = 0.1
MIN_SOURCE_RATE_HZ = 4_000
MAX_SOURCE_RATE_HZ = 192_000
# Within one 16-bit step of full scale.
FULL_SCALE = 32_766 / 2**15
# Three such samples in a row are a clipped peak; one or two are only a loud one.
MIN_CLIPPED_RUN = 3
# The least power of the mix relative to that of its channels. Sixteen unrelated channels keep 1/16.
MIN_MIX_POWER_RATIO = 0.01


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that one recording must stay within."""

    max_bytes: int = 32 * 1024 * 1024
    max_seconds: float = 120.0
    min_seconds: float = 1.0
    max_channels: int = 16
    max_decode_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A decoded recording; what is not its waveform describes the source file.

    `codec` is FFmpeg's name of a lossy one, else LOSSLESS.
    `clipped_fraction` is the fraction of source samples, over all channels, that lie at full scale
    (within one 16-bit step) in runs of three or more.
    `gaps` are what the recorder lost, in seconds.
    """

    waveform: Waveform
    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    duration_s: float
    clipped_fraction: float
    gaps: tuple[Gap, ...] = ()

    @property
    def intact(self) -> Waveform:
        """The longest stretch without a gap: all of the waveform where there is none."""
        return self.waveform[slice(*find_longest_stretch(len(self.waveform), self.gaps))]


def mix_sound(sound: Sound, container: Container, walked_s: float, limits: Limits) -> Clip:
    """Mix an opened recording; `walked_s` are the seconds that its container holds or declares."""
    declared_s = walked_s
    if container.declares_length:
        declared_s = max(walked_s, sound.seconds or 0.0)
    _check_channels(sound.channels, limits)
    check_duration(declared_s, limits)

    mixer = _Mixer(limits)
    for block in sound.blocks:
        mixer.add(block)
    if mixer.duration_s < declared_s - container.slack_s:
        raise Truncated(
            f"The file says it lasts {declared_s:.2f} s, but it holds only"
            f" {mixer.duration_s:.2f} s of sound."
        )
    return mixer.finish(container.name, sound.codec, sound.gaps)


def mix_at_own_rate(blocks: Iterable[Block]) -> tuple[Samples, int]:
    """Return (n_samples,) in mono at the recording's own rate, limited to full scale, and the rate.

    For recordings that were decoded once before, and so need no checks.
    """
    sample_rate_hz = 0
    pieces = []
    for block in blocks:
        if block.samples.size:
            sample_rate_hz = block.sample_rate_hz
            pieces.append(block.samples.mean(axis=1))
    mono = np.concatenate(pieces)
    np.clip(mono, -1, 1, out=mono)
    return mono, sample_rate_hz


def _check_channels(channels: int, limits: Limits) -> None:
    if channels > limits.max_channels:
        raise TooManyChannels(
            f"The recording has {channels} channels; at most {limits.max_channels} are accepted."
        )


def check_duration(seconds: float, limits: Limits) -> None:
    """Raise RecordingTooLong if a recording lasts longer than is accepted."""
    if seconds > limits.max_seconds:
        raise RecordingTooLong(f"The recording is longer than {limits.max_seconds:g} s.")


class _Mixer:
    """Mixes blocks to mono and resamples them as they arrive, so that memory stays small."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._deadline = time.monotonic() + limits.max_decode_seconds
        self._sample_rate_hz = 0
        self._channels = 0
        self._n_samples = 0
        self._n_mixed = 0
        self._n_clipped = 0
        self._mix_energy = 0.0
        self._channel_energy = 0.0
        self._resampler: soxr.ResampleStream | None = None
        self._changes = ChangeMeter()
        self._pending: list[Samples] = []
        self._chunks: list[Waveform] = []

    @property
    def duration_s(self) -> float:
        return self._n_samples / self._sample_rate_hz if self._sample_rate_hz else 0.0

    def add(self, block: Block) -> None:
        """Add the next samples, or raise the error that says why the recording is refused."""
        if time.monotonic() > self._deadline:
            raise UndecodableAudio(
                f"Decoding took longer than {self._limits.max_decode_seconds:g} s and was stopped."
            )
        if not block.samples.size:
            return
        self._set_format(block.sample_rate_hz, block.samples.shape[1])
        self._n_samples += len(block.samples)
        check_duration(self.duration_s, self._limits)
        self._pending.append(block.samples)
        # Codecs return 20 ms at a time: mixing each alone would cost more than decoding it.
        if self._n_samples - self._n_mixed >= BLOCK_SAMPLES:
            self._mix()

    def finish(self, container: str, codec: str, lost: Sequence[Gap]) -> Clip:
        """Return everything that was added as one clip, unless it is too short or silent."""
        if not self._n_samples or self.duration_s < self._limits.min_seconds:
            raise RecordingTooShort(
                f"The recording is {self.duration_s:.1f} s long; at least"
                f" {self._limits.min_seconds:.1f} s is needed."
            )
        self._mix()
        if self._mix_energy < MIN_MIX_POWER_RATIO * self._channel_energy:
            raise ChannelsCancel(
                "The channels of the recording cancel each other out: one is the inverse of the"
                " other. Send only one of them, or record in mono."
            )

        if self._resampler:
            self._chunks.append(self._resampler.resample_chunk(np.empty(0, np.float32), last=True))
        waveform = np.concatenate(self._chunks)
        _check_not_silent(waveform)
        found = find_gaps(self._changes.finish(self._sample_rate_hz), is_coded=codec != LOSSLESS)
        gaps = tuple(sorted((*found, *lost)))
        _check_not_interrupted(len(waveform), gaps, self._limits.min_seconds)
        return Clip(
            waveform=waveform,
            container=container,
            codec=codec,
            sample_rate_hz=self._sample_rate_hz,
            channels=self._channels,
            duration_s=self.duration_s,
            clipped_fraction=self._n_clipped / (self._n_samples * self._channels),
            gaps=gaps,
        )

    def _set_format(self, sample_rate_hz: int, channels: int) -> None:
        if (sample_rate_hz, channels) == (self._sample_rate_hz, self._channels):
            return
        if self._n_samples:
            raise UndecodableAudio(
                "The sample rate or the number of channels changes within the recording."
            )
        if not MIN_SOURCE_RATE_HZ <= sample_rate_hz <= MAX_SOURCE_RATE_HZ:
            raise UndecodableAudio(
                f"The recording has {sample_rate_hz} samples per second; between"
                f" {MIN_SOURCE_RATE_HZ} and {MAX_SOURCE_RATE_HZ} are supported."
            )
        _check_channels(channels, self._limits)
        self._sample_rate_hz = sample_rate_hz
        self._channels = channels
        if sample_rate_hz != SAMPLE_RATE_HZ:
            self._resampler = soxr.ResampleStream(
                sample_rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32", quality="HQ"
            )

    def _mix(self) -> None:
        if not self._pending:
            return
        samples = self._limit(np.concatenate(self._pending))
        self._pending.clear()
        self._n_mixed = self._n_samples
        self._changes.add(samples, self._sample_rate_hz)

        mono: Waveform = samples[:, 0]
        if self._channels > 1:
            # Channel by channel: faster than a mean along the short axis.
            mono = np.divide(sum(samples.T), self._channels, dtype=np.float32)
            self._mix_energy += compute_energy(mono)
            self._channel_energy += sum(map(compute_energy, samples.T)) / self._channels
        self._chunks.append(self._resampler.resample_chunk(mono) if self._resampler else mono)

    def _limit(self, samples: Samples) -> Samples:
        """Count the clipped samples and return all samples limited to full scale."""
        peak = max(float(samples.max()), -float(samples.min()))
        if not np.isfinite(peak):
            raise NotFinite(
                "The recording contains samples that are not numbers (NaN or infinite)."
            )
        if peak >= FULL_SCALE:
            self._n_clipped += _count_in_runs(np.abs(samples) >= FULL_SCALE)
        # A codec may overshoot, and a float file may have another scale whose squares overflow.
        return np.clip(samples, -1.0, 1.0) if peak > 1.0 else samples


def _check_not_silent(waveform: Waveform) -> None:
    edge = min(round(EDGE_SECONDS * SAMPLE_RATE_HZ), len(waveform) // 4)
    middle = waveform[edge : len(waveform) - edge]
    # Half the range, so that a constant offset counts as silence.
    if np.ptp(middle) / 2 <= SILENT_PEAK:
        raise Silent(
            "The recording is silent: the microphone is muted, in use by another app, or broken."
        )


def _check_not_interrupted(n_samples: int, gaps: Sequence[Gap], min_seconds: float) -> None:
    intact_s = measure_intact_s(n_samples, gaps)
    # Only one end of a piece is one at which the record button may be heard.
    if gaps and intact_s < min_seconds - EDGE_SECONDS:
        raise Interrupted(
            f"The recorder lost the sound {len(gaps)} times: at most"
            f" {intact_s:.1f} s of it are in one piece. Close other apps,"
            " and record again with the phone's own microphone."
        )


def compute_energy(channel: Samples) -> float:
    """Return the sum of squares around the mean, without BLAS, which would wake its threads."""
    mean = np.float32(channel.mean(dtype=np.float64))
    return float(np.square(channel - mean).sum())


def _count_in_runs(is_full: npt.NDArray[np.bool_]) -> int:
    """Count the true values, along the first axis, in runs of at least MIN_CLIPPED_RUN."""
    n = len(is_full) - MIN_CLIPPED_RUN + 1
    if n <= 0:
        return 0
    starts_run = np.all([is_full[k : k + n] for k in range(MIN_CLIPPED_RUN)], axis=0)
    in_run = np.zeros_like(is_full)
    for k in range(MIN_CLIPPED_RUN):
        in_run[k : k + n] |= starts_run
    return int(in_run.sum())
