"""From the bytes of any recording to one waveform every detector understands, or the name of what is wrong with it."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from analysis.errors import (
    ChannelsCancel,
    EmptyRecording,
    NotFinite,
    RecordingTooLong,
    RecordingTooShort,
    Silent,
    TooLarge,
    TooManyChannels,
    Truncated,
    UndecodableAudio,
)
from analysis.sound.containers import identify_container
from analysis.sound.decoders import BLOCK_SAMPLES, Block, Samples, open_sound

SAMPLE_RATE_HZ = 16_000
Waveform = npt.NDArray[np.float32]  # (n_samples,), mono, 16 kHz, [-1, 1]

SILENT_PEAK = 2 / 2**15
# What a finger on the button may touch at both ends.
EDGE_SECONDS = 0.1
MIN_SOURCE_RATE_HZ, MAX_SOURCE_RATE_HZ = 4_000, 192_000
# A sample within one 16-bit step of full scale; three in a row are a flat top, one or two a loud peak.
FULL_SCALE = 32_766 / 2**15
CLIPPED_RUN = 3
# Power of the mix against that of a channel. Sixteen channels that have nothing in common still leave a sixteenth.
CANCELLED_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Limits:
    """What one recording may cost, and the least it must hold."""

    max_bytes: int = 32 * 1024 * 1024
    max_seconds: float = 120.0
    min_seconds: float = 1.0
    max_channels: int = 16
    max_decode_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording, ready to be listened to; container, rate, channels and clipping are those of the source.

    `clipped_fraction` is the fraction of source samples, over all channels, that stand at full scale (within one 16-bit
    step) in runs of three or more: a loud peak touches full scale, a clipped one rests on it.
    """

    waveform: Waveform
    container: str
    sample_rate_hz: int
    channels: int
    duration_s: float
    clipped_fraction: float


def decode(source: bytes | Path, limits: Limits = Limits()) -> Clip:
    """Decode a recording of any format we read, told by its content alone, to mono at 16 kHz.

    Raises the error of analysis.errors that names why nothing can be said about it, as early as the bytes allow: a
    hostile file costs little.
    """
    content, container, walked_s = identify_container(_read(source, limits))
    _refuse_longer(walked_s, limits)
    mixer = _Mixer(limits)
    with open_sound(content, container) as sound:
        declared_s = max(walked_s, sound.seconds or 0.0) if container.declares_length else walked_s
        _refuse_channels(sound.channels, limits)
        _refuse_longer(declared_s, limits)
        for block in sound.blocks:
            mixer.add(block)
    if mixer.duration_s < declared_s - container.slack_s:
        raise Truncated(
            f"The file says it lasts {declared_s:.2f} s, but only {mixer.duration_s:.2f} s are there."
        )
    return mixer.clip(container.name)


def _read(source: bytes | Path, limits: Limits) -> bytes:
    try:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if size > limits.max_bytes:
            raise TooLarge(f"The recording has {size} bytes; at most {limits.max_bytes} are read.")
        content = source.read_bytes() if isinstance(source, Path) else source
    except OSError as exc:
        raise UndecodableAudio(f"The file cannot be read: {exc.strerror}.") from exc
    if not content:
        raise EmptyRecording("The file is empty.")
    return content


def _refuse_channels(channels: int, limits: Limits) -> None:
    if channels > limits.max_channels:
        raise TooManyChannels(
            f"The recording has {channels} channels; at most {limits.max_channels} are read."
        )


def _refuse_longer(seconds: float, limits: Limits) -> None:
    if seconds > limits.max_seconds:
        raise RecordingTooLong(f"The recording is longer than {limits.max_seconds:g} s.")


class _Mixer:
    """Averages the channels of blocks and resamples them as they come, so that little is ever held."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._deadline = time.monotonic() + limits.max_decode_seconds
        self._sample_rate_hz = self._channels = 0
        self._n_samples = self._n_mixed = self._n_clipped = 0
        self._mixed_energy = self._energy = 0.0
        self._resampler: soxr.ResampleStream | None = None
        self._unmixed: list[Samples] = []
        self._chunks: list[Waveform] = []

    @property
    def duration_s(self) -> float:
        return self._n_samples / self._sample_rate_hz if self._sample_rate_hz else 0.0

    def add(self, block: Block) -> None:
        """Take the next samples in, or refuse the recording for what they are."""
        if time.monotonic() > self._deadline:
            raise UndecodableAudio(
                f"Decoding was given up after {self._limits.max_decode_seconds:g} s."
            )
        if not block.samples.size:
            return
        self._take_format(block.sample_rate_hz, block.samples.shape[1])
        self._n_samples += len(block.samples)
        _refuse_longer(self.duration_s, self._limits)
        self._unmixed.append(block.samples)
        # Codecs give 20 ms at a time: mixing them one by one would cost more than decoding them.
        if self._n_samples - self._n_mixed >= BLOCK_SAMPLES:
            self._mix()

    def clip(self, container: str) -> Clip:
        """Return all that was added as one clip, unless it is too little or silent."""
        if not self._n_samples or self.duration_s < self._limits.min_seconds:
            raise RecordingTooShort(
                f"The recording is {self.duration_s:.1f} s long; at least {self._limits.min_seconds:.1f} s is needed."
            )
        self._mix()
        if self._mixed_energy < CANCELLED_SHARE * self._energy:
            raise ChannelsCancel(
                "The channels of the recording cancel each other out: one is the other turned upside down. Send one of"
                " them alone, or record in mono."
            )
        if self._resampler:
            self._chunks.append(self._resampler.resample_chunk(np.empty(0, np.float32), last=True))
        waveform = np.concatenate(self._chunks)
        edge = min(round(EDGE_SECONDS * SAMPLE_RATE_HZ), len(waveform) // 4)
        # Around its middle, because a constant offset is no sound; without its ends, because no detector hears them.
        if np.ptp(waveform[edge : len(waveform) - edge]) / 2 <= SILENT_PEAK:
            raise Silent(
                "The recording is silent: the microphone is muted, taken by another app, or broken."
            )
        return Clip(
            waveform=waveform,
            container=container,
            sample_rate_hz=self._sample_rate_hz,
            channels=self._channels,
            duration_s=self.duration_s,
            clipped_fraction=self._n_clipped / (self._n_samples * self._channels),
        )

    def _take_format(self, sample_rate_hz: int, channels: int) -> None:
        if (sample_rate_hz, channels) == (self._sample_rate_hz, self._channels):
            return
        if self._n_samples:
            raise UndecodableAudio("The recording changes its sample rate or its channels midway.")
        if not MIN_SOURCE_RATE_HZ <= sample_rate_hz <= MAX_SOURCE_RATE_HZ:
            raise UndecodableAudio(
                f"The recording says it has {sample_rate_hz} samples per second;"
                f" {MIN_SOURCE_RATE_HZ} to {MAX_SOURCE_RATE_HZ} are read."
            )
        _refuse_channels(channels, self._limits)
        self._sample_rate_hz, self._channels = sample_rate_hz, channels
        if sample_rate_hz != SAMPLE_RATE_HZ:
            self._resampler = soxr.ResampleStream(
                sample_rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32", quality="HQ"
            )

    def _mix(self) -> None:
        if not self._unmixed:
            return
        samples = self._checked(np.concatenate(self._unmixed))
        self._unmixed.clear()
        self._n_mixed = self._n_samples
        mono: Waveform = samples[:, 0]
        if self._channels > 1:
            # Channel by channel: three times as quick as a mean along the short axis, and without waking BLAS threads.
            mono = np.divide(sum(samples.T), self._channels, dtype=np.float32)
            self._mixed_energy += sound_energy(mono)
            self._energy += sum(map(sound_energy, samples.T)) / self._channels
        self._chunks.append(self._resampler.resample_chunk(mono) if self._resampler else mono)

    def _checked(self, samples: Samples) -> Samples:
        """Count the clipped samples and return all of them within full scale."""
        peak = max(float(samples.max()), -float(samples.min()))
        if not np.isfinite(peak):
            raise NotFinite("The recording holds samples that are not numbers (NaN or infinite).")
        if peak >= FULL_SCALE:
            self._n_clipped += _count_in_runs(np.abs(samples) >= FULL_SCALE)
        # Beyond full scale: a codec's overshoot, or a float file of another scale, whose squares could overflow.
        return np.clip(samples, -1.0, 1.0) if peak > 1.0 else samples


def sound_energy(channel: Samples) -> float:
    """The sum of squares around the mean: a constant offset is no sound. Pairwise, as BLAS would wake its threads."""
    return float(np.square(channel - np.float32(channel.mean(dtype=np.float64))).sum())


def _count_in_runs(is_full: npt.NDArray[np.bool_]) -> int:
    """Count the true values, along the first axis, that stand in runs of at least CLIPPED_RUN."""
    n = len(is_full) - CLIPPED_RUN + 1
    if n <= 0:
        return 0
    begins = np.all([is_full[k : k + n] for k in range(CLIPPED_RUN)], axis=0)
    in_run = np.zeros_like(is_full)
    for k in range(CLIPPED_RUN):
        in_run[k : k + n] |= begins
    return int(in_run.sum())
