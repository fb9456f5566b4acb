"""Choose the one channel of a recording that is judged, by a rule that never looks at a score.

Set aside are channels that are flat, clipped, or hold nothing but the hum of the mains or hiss. Of
the others the one with most power above its own noise floor is judged; of those within 1 dB of it,
the first. Channels are never mixed: two microphones of different distance make a comb filter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numpy import fft

Samples = npt.NDArray[np.float32]  # (n_samples, n_channels), 16 kHz
Density = npt.NDArray[np.float64]  # (n_bins,), power a bin
Flags = npt.NDArray[np.bool_]  # (n_channels,)
Mask = npt.NDArray[np.bool_]  # (n_bins,)

SAMPLE_RATE_HZ = 16_000
# Half a second: bins of 2 Hz tell the lines of the mains from a machine.
N_FFT = 8192
BAND_BINS = 128
# What detectors use.
LOW_HZ = 30.0
HIGH_HZ = 7600.0
MAINS_HZ = (50.0, 60.0)
# Harmonics above are no longer told from a machine's own lines.
MAX_HUM_HZ = 2000.0
HUM_WIDTH_HZ = 5.0
# The mains' frequency varies by less.
HUM_DRIFT = 0.003
# A band of noise as long as a recording varies by less.
FLOOR_MARGIN = 1.5
# A channel with less of its power beside hum and hiss than this holds no machine.
MIN_SOUND_SHARE = 0.01
EQUAL_RATIO = 10**-0.1
# The levels of wide bands of two places differ by less (docs/decisions/sound-channels.md).
MAX_POSITION_DB = 6.0
N_WIDE_BANDS = 12
MIN_DENSITY = 1e-30


@dataclass(frozen=True, slots=True)
class ChannelSound:
    """What one channel holds: power between 30 and 7600 Hz, on any scale that all channels share.

    above_floor: beside hum, above the channel's own floor. level_db: (N_WIDE_BANDS,), of each wide
    band.
    """

    total: float
    above_floor: float
    is_hum: bool
    is_hiss: bool
    level_db: Density


@dataclass(frozen=True, slots=True)
class Choice:
    """The index of the channel that is judged, and whether others hold another sound."""

    channel: int
    has_different: bool


class ChannelMeter:
    """Measures channels block by block, so that memory stays small."""

    def __init__(self, n_channels: int) -> None:
        self._rest = np.empty((0, n_channels), np.float32)
        self._power = np.zeros((n_channels, 1 + N_FFT // 2))

    def add(self, samples: Samples) -> None:
        """Add the next samples."""
        joined = np.concatenate([self._rest, samples])
        n_frames = len(joined) // N_FFT
        frames = joined[: n_frames * N_FFT].reshape(n_frames, N_FFT, joined.shape[1])
        for frame in frames:
            spectrum = fft.rfft((frame.T - frame.mean(axis=0)[:, np.newaxis]) * get_window())
            self._power += spectrum.real**2 + spectrum.imag**2
        self._rest = joined[n_frames * N_FFT :]

    def finish(self, source_rate_hz: int) -> list[ChannelSound]:
        """Return what each channel holds; above half of source_rate_hz there is nothing."""
        is_heard = select_bins(LOW_HZ, min(HIGH_HZ, 0.45 * source_rate_hz))
        return [measure_channel(power, is_heard) for power in self._power]


def measure_channel(power: Density, is_heard: Mask) -> ChannelSound:
    """Measure a channel by its mean spectrum."""
    total = float(power[is_heard].sum())
    above = subtract_floor(power, is_heard)
    by_mains = [float(above[~select_hum(mains_hz)].sum()) for mains_hz in MAINS_HZ]
    least = MIN_SOUND_SHARE * total
    return ChannelSound(
        total=total,
        above_floor=float(above[~(select_hum(MAINS_HZ[0]) | select_hum(MAINS_HZ[1]))].sum()),
        is_hum=min(by_mains) <= least < above.sum(),
        is_hiss=float(above.sum()) <= least,
        level_db=measure_wide_bands(power),
    )


def subtract_floor(power: Density, is_heard: Mask) -> Density:
    """Return the power above the channel's noise floor in each bin; 0 outside what is heard."""
    n_bands = len(power) // BAND_BINS
    bands = power[: n_bands * BAND_BINS].reshape(n_bands, BAND_BINS).mean(axis=1)
    is_heard_band = is_heard[: n_bands * BAND_BINS].reshape(n_bands, BAND_BINS).all(axis=1)
    floor = take_median(bands[is_heard_band])
    # Noise varies much from bin to bin, and little from band to band.
    has_sound = np.repeat(bands > FLOOR_MARGIN * floor, BAND_BINS)
    above = np.zeros_like(power)
    above[: len(has_sound)][has_sound] = np.maximum(power[: len(has_sound)][has_sound] - floor, 0)
    above[~is_heard] = 0
    return above


def choose_channel(
    channels: Sequence[ChannelSound], *, is_flat: Flags, is_clipped: Flags
) -> Choice:
    """Choose the channel that is judged; if all are set aside, the least unfit."""
    indices = range(len(channels))
    sounding = [i for i in indices if not is_flat[i]]
    clear = [i for i in sounding if not (channels[i].is_hum or channels[i].is_hiss)]
    whole = [i for i in clear if not is_clipped[i]]
    left = whole or clear or sounding or list(indices)
    loudest = max(channels[i].above_floor for i in left)
    chosen = next(i for i in left if channels[i].above_floor >= EQUAL_RATIO * loudest)
    has_different = any(differ(channels[chosen], channels[i]) for i in left if i != chosen)
    return Choice(chosen, has_different)


def differ(one: ChannelSound, other: ChannelSound) -> bool:
    """Whether two channels differ beyond what two places beside one machine explain."""
    difference_db = one.level_db - other.level_db
    # One place may be nearer: only the shape counts.
    spread_db = np.abs(difference_db - take_median(difference_db))
    return float(spread_db.mean()) > MAX_POSITION_DB


def take_median(values: Density) -> float:
    """Return the middle value; numpy's own opens a file, which a sandbox does not allow."""
    return float(np.sort(values)[len(values) // 2])


def measure_wide_bands(power: Density) -> Density:
    """Return the level of each wide band, evenly spaced on a logarithmic scale."""
    edges_hz = np.geomspace(100.0, HIGH_HZ, N_WIDE_BANDS + 1)
    edges = np.round(edges_hz * N_FFT / SAMPLE_RATE_HZ).astype(int)
    sums = np.add.reduceat(power[: edges[-1]], edges[:-1])
    level_db: Density = 10 * np.log10(sums + MIN_DENSITY)
    return level_db


@lru_cache(maxsize=1)
def get_window() -> Samples:
    """Return the Hann window."""
    return np.hanning(N_FFT).astype(np.float32)


@lru_cache(maxsize=16)
def select_bins(low_hz: float, high_hz: float) -> Mask:
    """Return which bins lie between two frequencies."""
    bins_hz = fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE_HZ)
    selected: Mask = (bins_hz >= low_hz) & (bins_hz < high_hz)
    return selected


@lru_cache(maxsize=2)
def select_hum(mains_hz: float) -> Mask:
    """Return which bins the mains' hum and its harmonics fall into."""
    bins_hz = fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE_HZ)
    distance_hz = np.abs(bins_hz - mains_hz * np.round(bins_hz / mains_hz))
    is_near = distance_hz <= HUM_WIDTH_HZ + HUM_DRIFT * bins_hz
    selected: Mask = is_near & (bins_hz > mains_hz / 2) & (bins_hz < MAX_HUM_HZ)
    return selected
