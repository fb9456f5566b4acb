"""Make one waveform at 16 kHz of the blocks of a recording, or name why that cannot be."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import soxr

from analysis.errors import (
    ChannelsCancel,
    RecordingTooLong,
    RecordingTooShort,
    TooManyChannels,
    Truncated,
    UndecodableAudio,
)
from analysis.sound.channels import ChannelMeter, Choice, choose_channel
from analysis.sound.containers import Container
from analysis.sound.decoding.blocks import (
    BLOCK_SAMPLES,
    LOSSLESS,
    SAMPLE_RATE_HZ,
    Block,
    Samples,
    Sound,
)
from analysis.sound.decoding.changes import ChangeMeter
from analysis.sound.decoding.clip import AVERAGE, CHOOSE, Clip, Limits, Pick
from analysis.sound.decoding.clipping import (
    MIN_CLIPPED_FRACTION,
    ClippingMeter,
    limit,
)
from analysis.sound.decoding.gaps import find_gaps
from analysis.sound.decoding.levels import Leveller, level_waveform, measure_offset
from analysis.sound.decoding.steps import StepMeter, check_not_silent, measure_silent_peak

MIN_SOURCE_RATE_HZ = 4_000
MAX_SOURCE_RATE_HZ = 192_000
# Of all channels at 16 kHz, while none is chosen yet; a longer recording is decoded twice.
MAX_HELD_SAMPLES = 4_000_000
# The least power of the mix relative to that of its channels. Sixteen unrelated channels keep 1/16.
MIN_MIX_POWER_RATIO = 0.01


def mix_sound(
    open_sound: Callable[[], AbstractContextManager[Sound]],
    container: Container,
    walked_s: float,
    limits: Limits,
    pick: Pick = CHOOSE,
) -> Clip:
    """Read a recording to one waveform; `walked_s` are the seconds that its container holds.

    open_sound: opens it, a second time where it is too long to hold all channels until one is
    chosen.
    """
    deadline = time.monotonic() + limits.max_decode_seconds
    mixer = _Mixer(limits, pick, deadline)
    with open_sound() as sound:
        _read_all(sound, mixer, container, walked_s)
    choice = mixer.choose()
    if choice and not mixer.holds_channels:
        mixer = _Mixer(limits, choice.channel + 1, deadline)
        with open_sound() as sound:
            _read_all(sound, mixer, container, walked_s)
    return mixer.finish(container.name, sound, choice)


def _read_all(sound: Sound, mixer: "_Mixer", container: Container, walked_s: float) -> None:
    declared_s = walked_s
    if container.declares_length:
        declared_s = max(walked_s, sound.seconds or 0.0)
    _check_channels(sound.channels, mixer.limits)
    check_duration(declared_s, mixer.limits)

    mixer.set_step(sound.step)
    for block in sound.blocks:
        mixer.add(block)
    if mixer.duration_s < declared_s - container.slack_s:
        raise Truncated(
            f"The file says it lasts {declared_s:.2f} s, but it holds only"
            f" {mixer.duration_s:.2f} s of sound."
        )
    mixer.end()


def mix_at_own_rate(sound: Sound, pick: Pick = AVERAGE) -> tuple[Samples, int]:
    """Return (n_samples,) of one channel at the recording's own rate, within full scale, and it.

    pick: a number or AVERAGE. For recordings that were decoded once before, and need no checks.
    """
    leveller = Leveller() if sound.step == 0 else None
    sample_rate_hz = 0
    pieces = []
    for block in sound.blocks:
        if block.samples.size:
            sample_rate_hz = block.sample_rate_hz
            samples = leveller.apply(block.samples) if leveller else block.samples
            pieces.append(_take(samples, pick))
    mono = np.concatenate(pieces)
    if leveller:
        mono, _gain_db = level_waveform(mono)
    np.clip(mono, -1, 1, out=mono)
    return mono, sample_rate_hz


def _take(samples: Samples, pick: Pick) -> Samples:
    if isinstance(pick, int):
        return samples[:, pick - 1]
    mean: Samples = samples.mean(axis=1)
    return mean


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
    """Resamples blocks as they arrive, so that memory stays small."""

    def __init__(self, limits: Limits, pick: Pick, deadline: float) -> None:
        self.limits = limits
        self.holds_channels = True
        self._pick = pick
        self._deadline = deadline
        self._sample_rate_hz = 0
        self._channels = 0
        self._n_samples = 0
        self._n_mixed = 0
        self._n_held = 0
        self._clipping = ClippingMeter(1)
        self._low: Samples = np.zeros(1, np.float32)
        self._high: Samples = np.zeros(1, np.float32)
        self._mix_energy = 0.0
        self._channel_energy = 0.0
        self._resampler: soxr.ResampleStream | None = None
        # One of each channel until one is chosen.
        self._changes: list[ChangeMeter] = []
        self._steps: list[StepMeter] = []
        self._meter: ChannelMeter | None = None
        self._step: float | None = None
        self._leveller: Leveller | None = None
        self._offset: Samples | None = None
        self._pending: list[Samples] = []
        # (n,) of one channel, or (n, channels) until one is chosen.
        self._chunks: list[Samples] = []

    @property
    def duration_s(self) -> float:
        return self._n_samples / self._sample_rate_hz if self._sample_rate_hz else 0.0

    def add(self, block: Block) -> None:
        """Add the next samples, or raise the error that says why the recording is refused."""
        if time.monotonic() > self._deadline:
            raise UndecodableAudio(
                f"Decoding took longer than {self.limits.max_decode_seconds:g} s and was stopped."
            )
        if not block.samples.size:
            return
        self._set_format(block.sample_rate_hz, block.samples.shape[1])
        self._n_samples += len(block.samples)
        check_duration(self.duration_s, self.limits)
        self._pending.append(block.samples)
        # Codecs return 20 ms at a time: mixing each alone would cost more than decoding it.
        if self._n_samples - self._n_mixed >= BLOCK_SAMPLES:
            self._mix()

    def set_step(self, step: float | None) -> None:
        """Take the samples as those of a format with this step."""
        self._step = step
        self._leveller = Leveller() if step == 0 else None

    def end(self) -> None:
        """Read what is pending; raises RecordingTooShort."""
        if not self._n_samples or self.duration_s < self.limits.min_seconds:
            raise RecordingTooShort(
                f"The recording is {self.duration_s:.1f} s long; at least"
                f" {self.limits.min_seconds:.1f} s is needed."
            )
        self._mix()
        if self._resampler:
            self._keep(self._resampler.resample_chunk(self._make_nothing(), last=True))

    def choose(self) -> Choice | None:
        """Choose the channel that is judged; None where it is known."""
        if not self._meter:
            return None
        return choose_channel(
            self._meter.finish(self._sample_rate_hz),
            is_flat=(self._high - self._low) / 2 <= measure_silent_peak(self._step),
            is_clipped=self._clipping.count() >= MIN_CLIPPED_FRACTION * self._n_samples,
        )

    def finish(self, container: str, sound: Sound, choice: Choice | None) -> Clip:
        """Return everything that was added as one clip, unless it is silent."""
        if self._mix_energy < MIN_MIX_POWER_RATIO * self._channel_energy:
            raise ChannelsCancel(
                "The channels of the recording cancel each other out: one is the inverse of the"
                " other. Send only one of them, or record in mono."
            )
        channel = self._get_channel(choice)
        chunks = self._chunks
        if self._meter and channel:
            chunks = [chunk[:, channel - 1] for chunk in chunks]
        waveform = np.concatenate(chunks)
        check_not_silent(waveform, measure_silent_peak(self._step))
        gain_db = raised_db = 0.0
        if self._leveller:
            waveform, raised_db = level_waveform(waveform)
            gain_db = raised_db + self._leveller.gain_db
        clipped = self._clipping.count()
        n_clipped = clipped.mean() if channel is None else clipped[channel - 1]
        heard = choice.channel if self._meter and choice else 0
        changes = self._changes[heard].finish(self._sample_rate_hz)
        gaps = find_gaps(changes, is_coded=sound.codec != LOSSLESS)
        steps = self._steps[heard].finish(self._step, raised_db)
        return Clip(
            waveform=waveform,
            container=container,
            codec=sound.codec,
            sample_rate_hz=self._sample_rate_hz,
            channels=self._channels,
            channel=channel,
            has_different_channels=choice is not None and choice.has_different,
            duration_s=self.duration_s,
            clipped_fraction=float(n_clipped) / self._n_samples,
            gaps=tuple(sorted((*gaps, *sound.gaps))),
            step=steps.finest,
            rounding=steps.rounding,
            gain_db=gain_db,
        )

    def _get_channel(self, choice: Choice | None) -> int | None:
        if choice:
            return choice.channel + 1
        if isinstance(self._pick, int):
            return self._pick
        return 1 if self._channels == 1 else None

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
        _check_channels(channels, self.limits)
        self._sample_rate_hz = sample_rate_hz
        self._channels = channels
        self._clipping = ClippingMeter(channels)
        if self._pick == CHOOSE and channels > 1:
            self._meter = ChannelMeter(channels)
            self._low = np.full(channels, np.inf, np.float32)
            self._high = -self._low
        n_heard = channels if self._meter else 1
        self._changes = [ChangeMeter() for _ in range(n_heard)]
        self._steps = [StepMeter() for _ in range(n_heard)]
        if sample_rate_hz != SAMPLE_RATE_HZ:
            self._resampler = soxr.ResampleStream(
                sample_rate_hz, SAMPLE_RATE_HZ, n_heard, dtype="float32", quality="HQ"
            )

    def _mix(self) -> None:
        if not self._pending:
            return
        has_one = len(self._pending) == 1
        samples = self._pending[0] if has_one else np.concatenate(self._pending)
        if self._leveller:
            samples = self._leveller.apply(samples)
            self._clipping.add(samples)
        else:
            samples = limit(samples)
            self._clipping.add(samples)
            samples = self._take_offset_off(samples)
        self._pending.clear()
        self._n_mixed = self._n_samples

        picked = self._pick_from(samples)
        # Of a mean, what any of its channels lost counts.
        heard = samples if self._pick == AVERAGE else picked.reshape(len(samples), -1)
        columns = np.split(heard, self._channels, axis=1) if self._meter else [heard]
        for changes, steps, column in zip(self._changes, self._steps, columns, strict=True):
            changes.add(column, self._sample_rate_hz)
            steps.add(column[:, 0])
        self._keep(self._resampler.resample_chunk(picked) if self._resampler else picked)

    def _take_offset_off(self, samples: Samples) -> Samples:
        """Take off what a converter adds where it would drown the lowest bands."""
        if self._offset is None:
            self._offset = measure_offset(samples)
        return samples - self._offset if self._offset.any() else samples

    def _pick_from(self, samples: Samples) -> Samples:
        """Return (n,) of the channel that is wanted, or all of them if one has to be chosen."""
        if self._meter:
            self._low = np.minimum(self._low, [channel.min() for channel in samples.T])
            self._high = np.maximum(self._high, [channel.max() for channel in samples.T])
            return samples
        if isinstance(self._pick, int):
            return samples[:, self._pick - 1]
        if self._channels == 1:
            return samples[:, 0]
        # Channel by channel: faster than a mean along the short axis.
        mono: Samples = np.divide(sum(samples.T), self._channels, dtype=np.float32)
        self._mix_energy += compute_energy(mono)
        self._channel_energy += sum(map(compute_energy, samples.T)) / self._channels
        return mono

    def _keep(self, chunk: Samples) -> None:
        """Keep samples at 16 kHz; of many channels only as long as they do not take much memory."""
        if self._meter:
            self._meter.add(chunk)
            self._n_held += chunk.size
            self.holds_channels = self._n_held <= MAX_HELD_SAMPLES
        if self.holds_channels:
            self._chunks.append(chunk)
        else:
            self._chunks.clear()

    def _make_nothing(self) -> Samples:
        return np.empty((0, self._channels) if self._meter else 0, np.float32)


def compute_energy(channel: Samples) -> float:
    """Return the sum of squares around the mean, without BLAS, which would wake its threads."""
    mean = np.float32(channel.mean(dtype=np.float64))
    return float(np.square(channel - mean).sum())
