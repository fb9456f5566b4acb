"""A recording as a picture: its log-mel spectrogram, with the moments and the bands that stand out marked.

Nothing in it but numbers and units, so that it needs no translation: seconds, hertz, decibels relative to the clip's
mean, and beside each marked band how far it is from normal.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from analysis.sound.explanation import Band, Segment
from analysis.sound.features import FeatureSpec, FloatArray, Frames, FrontEnd, Waveform
from analysis.sound.palette import (
    FULL_MARK,
    INK_BEGINS,
    MARK_BEGINS,
    UNHEARD,
    Pixels,
    colours,
    palette,
    shades,
)

# Whoever keeps a picture knows by this that it is drawn otherwise now.
# 1: the first.
PICTURE_VERSION = 1
# Three pixels for each of the 360 points that a phone is wide.
DEFAULT_WIDTH, DEFAULT_HEIGHT = 1080, 720
MIN_WIDTH, MAX_WIDTH = 320, 2160
MIN_HEIGHT, MAX_HEIGHT = 240, 1440
MIN_EM, MAX_EM = 11, 120
MIN_EMS_WIDE, MIN_EMS_HIGH = 18, 9

TIME_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800)
# In the order of their worth: those that find room are written.
FREQUENCIES_HZ = (1000, 4000, 250, 2000, 500, 7000, 125, 3000)
LEVEL_STEP_DB, LEVEL_TICK_DB = 5, 10
# The colours are spread over what nearly all of the picture holds.
LOW_PERCENTILE, HIGH_PERCENTILE = 1.0, 99.9
QUIET_INK, FULL_INK = 170, 255
# More effort would save 3 % of the bytes and take half as long again.
COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class Axes:
    """Where the plot lies in the picture, in pixels, and what it spans."""

    left: int
    top: int
    right: int
    bottom: int
    seconds: float
    band_hz: FloatArray

    def x(self, seconds: float) -> int:
        """The column of a moment."""
        share = min(max(seconds / self.seconds, 0.0), 1.0)
        return self.left + round(share * (self.right - self.left))

    def y(self, hz: float) -> int:
        """The row of a frequency: all mel bands are equally high, and band i is centred on band_hz[i + 1]."""
        n_mels = len(self.band_hz) - 2
        share = (np.interp(hz, self.band_hz, np.arange(n_mels + 2)) - 0.5) / n_mels
        return self.bottom - round(float(np.clip(share, 0, 1)) * (self.bottom - self.top))

    def plot(self, pixels: Pixels) -> Pixels:
        """The part of a picture between the axes."""
        return pixels[self.top : self.bottom, self.left : self.right]


@dataclass(frozen=True, slots=True)
class Levels:
    """What the first and the last colour stand for, in dB."""

    low: int
    high: int

    @classmethod
    def of(cls, frames: Frames) -> "Levels":
        """Spread the colours over the levels of these frames."""
        low, high = np.percentile(frames, [LOW_PERCENTILE, HIGH_PERCENTILE]) / LEVEL_STEP_DB
        return cls(int(np.floor(low)) * LEVEL_STEP_DB, int(np.floor(high) + 1) * LEVEL_STEP_DB)

    def share(self, decibels: FloatArray) -> FloatArray:
        """How far up from low to high."""
        return (decibels - np.float32(self.low)) / np.float32(self.high - self.low)


class Sheet:
    """What is written around the plot, in ink and in the colour of marks; lengths are in ems, so that all scales.

    em: the height of the letters in pixels, as far as they leave room for a plot; without it they suit the size.
    """

    def __init__(self, width: int, height: int, em: int | None = None) -> None:
        self.width, self.height = width, height
        suiting = max(MIN_EM, min(width * 2, height * 3) // 68)
        self.em = min(em or suiting, width // MIN_EMS_WIDE, height // MIN_EMS_HIGH)
        self.font = load_font(self.em)
        self.ink_layer, self.mark_layer = (Image.new("L", (width, height)) for _ in range(2))
        self.ink, self.marks = ImageDraw.Draw(self.ink_layer), ImageDraw.Draw(self.mark_layer)

    def ems(self, count: float) -> int:
        """So many ems in pixels, and never nothing."""
        return max(1, round(count * self.em))

    def write(self, x: float, y: float, text: str, anchor: str, ink: int = FULL_INK) -> None:
        """Write text in ink."""
        self.ink.text((x, y), text, ink, self.font, anchor)

    def mark(self, x: float, y: float, text: str) -> None:
        """Write text in the colour of marks, from its middle left."""
        self.marks.text((x, y), text, FULL_INK, self.font, "lm")

    def pixels(self) -> Pixels:
        """Both layers on paper, the marks on top."""
        pixels, marks = shades(np.asarray(self.ink_layer), INK_BEGINS), np.asarray(self.mark_layer)
        np.copyto(pixels, shades(marks, MARK_BEGINS), where=marks > 0)
        return pixels

    def tick(self, x: int, y: int, *, to_x: int = 0, to_y: int = 0) -> None:
        """Draw a short line that leads to a number."""
        self.ink.line([x, y, x + to_x, y + to_y], QUIET_INK, self.ems(0.06))


def render_spectrogram(
    waveform: Waveform,
    front_end: FrontEnd,
    *,
    segments: Sequence[Segment] = (),
    bands: Sequence[Band] = (),
    width: int = DEFAULT_WIDTH,
    height: int = DEFAULT_HEIGHT,
    em: int | None = None,
) -> bytes:
    """Return the picture of a recording as a PNG; what stands out is marked above it and at its right."""
    sheet, frames, rate_hz = (
        Sheet(width, height, em),
        front_end.extract_frames(waveform),
        front_end.spec.sample_rate_hz,
    )
    axes = lay_out(sheet, len(waveform) / rate_hz, front_end.band_hz, has_bands=bool(bands))
    levels = Levels.of(frames)
    write_times(sheet, axes)
    write_frequencies(sheet, axes)
    write_levels(sheet, axes, levels)
    mark_segments(sheet, axes, segments)
    mark_bands(sheet, axes, bands)
    pixels = sheet.pixels()
    paint_sound(pixels, axes, levels.share(frames), front_end.spec)
    paint_scale(pixels, sheet, axes)
    dot_lines(pixels, sheet, axes, segments, bands)
    return png(pixels)


def lay_out(sheet: Sheet, seconds: float, band_hz: FloatArray, *, has_bands: bool) -> Axes:
    """Leave room for numbers on all sides, and at the right for how far bands are from normal."""
    right = scale_left(sheet) - sheet.ems(4.4 if has_bands else 0.8)
    return Axes(
        sheet.ems(3.1), sheet.ems(1.7), right, sheet.height - sheet.ems(1.9), seconds, band_hz
    )


def scale_left(sheet: Sheet) -> int:
    """Where the colour scale begins."""
    return sheet.width - sheet.ems(3.2)


def write_times(sheet: Sheet, axes: Axes) -> None:
    """Number the seconds, as densely as they can be read."""
    room = sheet.ems(3) / (axes.right - axes.left) * axes.seconds
    step = next((step for step in TIME_STEPS_S if step >= room), TIME_STEPS_S[-1])
    base = axes.bottom + sheet.ems(1.3)
    for number in range(int(axes.seconds / step + 1e-6) + 1):
        x = axes.x(number * step)
        sheet.tick(x, axes.bottom, to_y=sheet.ems(0.25))
        sheet.write(x, base, f"{number * step:g}", "ms")
    sheet.write(axes.right + sheet.ems(1.3), base, "s", "ls", QUIET_INK)


def write_frequencies(sheet: Sheet, axes: Axes) -> None:
    """Number the frequencies that find room."""
    x = axes.left - sheet.ems(0.5)
    audible = [hz for hz in FREQUENCIES_HZ if axes.band_hz[0] < hz < axes.band_hz[-1]]
    for hz, y in apart([(hz, axes.y(hz)) for hz in audible], sheet.ems(1.3)):
        sheet.tick(axes.left, y, to_x=-sheet.ems(0.25))
        sheet.write(x, y, str(hz), "rm")
    sheet.write(x, axes.top - sheet.ems(0.5), "Hz", "rs", QUIET_INK)


def apart(places: Iterable[tuple[int, int]], distance: int) -> list[tuple[int, int]]:
    """Keep of (what, where) those that are this far from all before them."""
    kept: list[tuple[int, int]] = []
    for what, where in places:
        if all(abs(where - other) >= distance for _, other in kept):
            kept.append((what, where))
    return kept


def write_levels(sheet: Sheet, axes: Axes, levels: Levels) -> None:
    """Number the colours."""
    x, height = scale_left(sheet), axes.bottom - axes.top
    for level in range(
        -(-levels.low // LEVEL_TICK_DB) * LEVEL_TICK_DB, levels.high + 1, LEVEL_TICK_DB
    ):
        y = axes.bottom - height * (level - levels.low) / (levels.high - levels.low)
        sheet.write(x + sheet.ems(0.9), y, f"{level:+d}" if level else "0", "lm")
    sheet.write(x, axes.top - sheet.ems(0.5), "dB", "ls", QUIET_INK)


def mark_segments(sheet: Sheet, axes: Axes, segments: Iterable[Segment]) -> None:
    """Underline, from above, the moments that stand out."""
    top, bottom = axes.top - sheet.ems(0.6), axes.top - sheet.ems(0.25)
    for segment in segments:
        left, right = at_least(axes.x(segment.start_s), axes.x(segment.end_s), sheet.ems(0.2))
        sheet.marks.rectangle([left, top, right, bottom], FULL_INK)


def mark_bands(sheet: Sheet, axes: Axes, bands: Sequence[Band]) -> None:
    """Mark the bands that stand out, and write beside the strongest how far they are from normal."""
    left, right = axes.right + sheet.ems(0.25), axes.right + sheet.ems(0.6)
    middles = []
    for band in bands:
        top, bottom = at_least(axes.y(band.high_hz), axes.y(band.low_hz), sheet.ems(0.2))
        sheet.marks.rectangle([left, top, right, bottom], FULL_INK)
        middles.append((round(band.excess_db), (top + bottom) // 2))
    for excess_db, y in apart(middles, sheet.ems(1.1)):
        if excess_db:
            sheet.mark(axes.right + sheet.ems(0.9), y, f"{excess_db:+d} dB")


def at_least(first: int, last: int, length: int) -> tuple[int, int]:
    """Widen what is too short to be seen, around its middle."""
    missing = max(0, length - (last - first))
    return first - missing // 2, last + missing - missing // 2


def paint_sound(pixels: Pixels, axes: Axes, share: FloatArray, spec: FeatureSpec) -> None:
    """Colour what was heard, (n_frames, n_mels): time to the right, frequency upwards."""
    left = axes.x(spec.trim_seconds)
    right = axes.x(spec.trim_seconds + len(share) * spec.step_seconds)
    image = Image.fromarray(np.ascontiguousarray(share.T[::-1]))
    heard = image.resize((right - left, axes.bottom - axes.top), Image.Resampling.BICUBIC)
    axes.plot(pixels)[:] = UNHEARD
    pixels[axes.top : axes.bottom, left:right] = colours(np.asarray(heard))


def paint_scale(pixels: Pixels, sheet: Sheet, axes: Axes) -> None:
    """Show all the colours, the highest on top."""
    left = scale_left(sheet)
    share = np.linspace(1, 0, axes.bottom - axes.top, dtype=np.float32)
    pixels[axes.top : axes.bottom, left : left + sheet.ems(0.6)] = colours(share)[:, np.newaxis]


def dot_lines(
    pixels: Pixels, sheet: Sheet, axes: Axes, segments: Iterable[Segment], bands: Iterable[Band]
) -> None:
    """Lead from the marks through the plot, with so little ink that the sound is seen behind it."""
    plot, dot, distance = axes.plot(pixels), sheet.ems(0.06), sheet.ems(0.4)
    rows, columns = (np.arange(length) % distance < dot for length in plot.shape)
    for x in {
        axes.x(moment) - axes.left for each in segments for moment in (each.start_s, each.end_s)
    }:
        plot[rows, max(0, x - dot) : x] = FULL_MARK
    for y in {axes.y(hz) - axes.top for each in bands for hz in (each.low_hz, each.high_hz)}:
        plot[max(0, y - dot) : y, columns] = FULL_MARK


def png(pixels: Pixels) -> bytes:
    """A PNG with our palette."""
    image, file = Image.fromarray(pixels), io.BytesIO()
    image.putpalette(palette())
    image.save(file, "PNG", compress_level=COMPRESSION)
    return file.getvalue()


@lru_cache(maxsize=16)
def load_font(size: int) -> ImageFont.FreeTypeFont:
    """The font that Pillow carries in itself (Aileron, CC0)."""
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow's own builds contain FreeType"
    return font
