"""Render the spectrogram of a recording, with the abnormal moments and bands marked.

It holds numbers and units only, so that it needs no translation: seconds, hertz, decibels relative
to the clip's mean, and beside each marked band how far it is from normal.
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
    BACKGROUND,
    FULL_MARK,
    INK_BEGINS,
    MARK_BEGINS,
    Pixels,
    build_palette,
    map_colours,
    map_shades,
)

# Increase when the same recording renders differently, so that cached pictures become stale.
# 1: the first.
PICTURE_VERSION = 1
# Three pixels for each of the 360 points of a phone's width.
DEFAULT_WIDTH = 1080
DEFAULT_HEIGHT = 720
MIN_WIDTH = 320
MAX_WIDTH = 2160
MIN_HEIGHT = 240
MAX_HEIGHT = 1440
MIN_EM = 11
MAX_EM = 120
MIN_WIDTH_EMS = 18
MIN_HEIGHT_EMS = 9

TIME_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800)
# In order of importance: as many as fit are written.
FREQUENCIES_HZ = (1000, 4000, 250, 2000, 500, 7000, 125, 3000)
LEVEL_STEP_DB = 5
LEVEL_TICK_DB = 10
# The colours span nearly all levels of the clip.
LOW_PERCENTILE = 1.0
HIGH_PERCENTILE = 99.9
QUIET_INK = 170
FULL_INK = 255
# Higher levels save few bytes and take much longer
# (docs/decisions/sound-spectrogram-compression.md).
COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class Axes:
    """The position of the plot in the picture, in pixels, and the range it shows."""

    left: int
    top: int
    right: int
    bottom: int
    seconds: float
    band_hz: FloatArray

    @property
    def width(self) -> int:
        """The width of the plot."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """The height of the plot."""
        return self.bottom - self.top

    def to_x(self, seconds: float) -> int:
        """Return the column of a moment."""
        fraction = min(max(seconds / self.seconds, 0.0), 1.0)
        return self.left + round(fraction * self.width)

    def to_y(self, hz: float) -> int:
        """Return the row of a frequency.

        All mel bands are equally high, and band i is centred on band_hz[i + 1].
        """
        n_mels = len(self.band_hz) - 2
        fraction = (np.interp(hz, self.band_hz, np.arange(n_mels + 2)) - 0.5) / n_mels
        return self.bottom - round(float(np.clip(fraction, 0, 1)) * self.height)

    def crop(self, pixels: Pixels) -> Pixels:
        """Return the part of a picture between the axes, as a view."""
        return pixels[self.top : self.bottom, self.left : self.right]


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of the first and the last colour, in dB."""

    low: int
    high: int

    @classmethod
    def span(cls, frames: Frames) -> "Levels":
        """Choose the levels that span nearly all of these frames."""
        low, high = np.percentile(frames, [LOW_PERCENTILE, HIGH_PERCENTILE]) / LEVEL_STEP_DB
        return cls(int(np.floor(low)) * LEVEL_STEP_DB, int(np.floor(high) + 1) * LEVEL_STEP_DB)

    def to_fraction(self, decibels: FloatArray) -> FloatArray:
        """Return 0 for the low level, 1 for the high one."""
        return (decibels - np.float32(self.low)) / np.float32(self.high - self.low)


class Sheet:
    """The text and marks around the plot; lengths are in ems, so that everything scales.

    em: the height of the letters in pixels, reduced where it would leave no room for the plot; by
    default it suits the size.
    """

    def __init__(self, width: int, height: int, em: int | None = None) -> None:
        self.width = width
        self.height = height
        default_em = max(MIN_EM, min(width * 2, height * 3) // 68)
        self.em = min(em or default_em, width // MIN_WIDTH_EMS, height // MIN_HEIGHT_EMS)
        self.font = load_font(self.em)
        self.ink_layer = Image.new("L", (width, height))
        self.mark_layer = Image.new("L", (width, height))
        self.ink = ImageDraw.Draw(self.ink_layer)
        self.marks = ImageDraw.Draw(self.mark_layer)

    @property
    def scale_left(self) -> int:
        """The column where the colour scale begins."""
        return self.width - self.to_pixels(3.2)

    def to_pixels(self, ems: float) -> int:
        """Return a length in pixels, at least one."""
        return max(1, round(ems * self.em))

    def write(self, x: float, y: float, text: str, anchor: str, ink: int = FULL_INK) -> None:
        """Write text in ink."""
        self.ink.text((x, y), text, ink, self.font, anchor)

    def write_mark(self, x: float, y: float, text: str) -> None:
        """Write text in the colour of marks, its middle left at (x, y)."""
        self.marks.text((x, y), text, FULL_INK, self.font, "lm")

    def draw_tick(self, x: int, y: int, *, to_x: int = 0, to_y: int = 0) -> None:
        """Draw a short line from an axis to its number."""
        self.ink.line([x, y, x + to_x, y + to_y], QUIET_INK, self.to_pixels(0.06))

    def merge(self) -> Pixels:
        """Return both layers on paper, the marks on top."""
        pixels = map_shades(np.asarray(self.ink_layer), INK_BEGINS)
        marks = np.asarray(self.mark_layer)
        np.copyto(pixels, map_shades(marks, MARK_BEGINS), where=marks > 0)
        return pixels


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
    """Render a recording as a PNG, abnormal moments marked above it and bands to its right."""
    sheet = Sheet(width, height, em)
    seconds = len(waveform) / front_end.spec.sample_rate_hz
    axes = lay_out(sheet, seconds, front_end.band_hz, has_bands=bool(bands))
    frames = front_end.extract_frames(waveform)
    levels = Levels.span(frames)

    write_times(sheet, axes)
    write_frequencies(sheet, axes)
    write_levels(sheet, axes, levels)
    mark_segments(sheet, axes, segments)
    mark_bands(sheet, axes, bands)

    pixels = sheet.merge()
    paint_frames(pixels, axes, levels.to_fraction(frames), front_end.spec)
    paint_scale(pixels, sheet, axes)
    draw_guides(pixels, sheet, axes, segments, bands)
    return encode_png(pixels)


def lay_out(sheet: Sheet, seconds: float, band_hz: FloatArray, *, has_bands: bool) -> Axes:
    """Leave room for numbers on all sides, and at the right for the deviations of bands."""
    return Axes(
        left=sheet.to_pixels(3.1),
        top=sheet.to_pixels(1.7),
        right=sheet.scale_left - sheet.to_pixels(4.4 if has_bands else 0.8),
        bottom=sheet.height - sheet.to_pixels(1.9),
        seconds=seconds,
        band_hz=band_hz,
    )


def write_times(sheet: Sheet, axes: Axes) -> None:
    """Number the seconds, as densely as is readable."""
    min_step = sheet.to_pixels(3) / axes.width * axes.seconds
    step = next((step for step in TIME_STEPS_S if step >= min_step), TIME_STEPS_S[-1])
    base = axes.bottom + sheet.to_pixels(1.3)
    for number in range(int(axes.seconds / step + 1e-6) + 1):
        x = axes.to_x(number * step)
        sheet.draw_tick(x, axes.bottom, to_y=sheet.to_pixels(0.25))
        sheet.write(x, base, f"{number * step:g}", "ms")
    sheet.write(axes.right + sheet.to_pixels(1.3), base, "s", "ls", QUIET_INK)


def write_frequencies(sheet: Sheet, axes: Axes) -> None:
    """Number as many frequencies as fit."""
    x = axes.left - sheet.to_pixels(0.5)
    shown = [hz for hz in FREQUENCIES_HZ if axes.band_hz[0] < hz < axes.band_hz[-1]]
    for hz, y in keep_distance([(hz, axes.to_y(hz)) for hz in shown], sheet.to_pixels(1.3)):
        sheet.draw_tick(axes.left, y, to_x=-sheet.to_pixels(0.25))
        sheet.write(x, y, str(hz), "rm")
    sheet.write(x, axes.top - sheet.to_pixels(0.5), "Hz", "rs", QUIET_INK)


def keep_distance(labels: Iterable[tuple[int, int]], distance: int) -> list[tuple[int, int]]:
    """Return the (value, position) pairs that are at least this far from all kept before them."""
    kept: list[tuple[int, int]] = []
    for value, position in labels:
        if all(abs(position - other) >= distance for _, other in kept):
            kept.append((value, position))
    return kept


def write_levels(sheet: Sheet, axes: Axes, levels: Levels) -> None:
    """Number the colours of the scale."""
    lowest = -(-levels.low // LEVEL_TICK_DB) * LEVEL_TICK_DB
    for level in range(lowest, levels.high + 1, LEVEL_TICK_DB):
        y = axes.bottom - axes.height * (level - levels.low) / (levels.high - levels.low)
        text = f"{level:+d}" if level else "0"
        sheet.write(sheet.scale_left + sheet.to_pixels(0.9), y, text, "lm")
    sheet.write(sheet.scale_left, axes.top - sheet.to_pixels(0.5), "dB", "ls", QUIET_INK)


def mark_segments(sheet: Sheet, axes: Axes, segments: Iterable[Segment]) -> None:
    """Draw a bar above each abnormal moment."""
    top = axes.top - sheet.to_pixels(0.6)
    bottom = axes.top - sheet.to_pixels(0.25)
    for segment in segments:
        start = axes.to_x(segment.start_s)
        end = axes.to_x(segment.end_s)
        left, right = widen(start, end, min_length=sheet.to_pixels(0.2))
        sheet.marks.rectangle([left, top, right, bottom], FULL_INK)


def mark_bands(sheet: Sheet, axes: Axes, bands: Sequence[Band]) -> None:
    """Draw a bar beside each abnormal band, and write how far the strongest are from normal."""
    left = axes.right + sheet.to_pixels(0.25)
    right = axes.right + sheet.to_pixels(0.6)
    labels = []
    for band in bands:
        high = axes.to_y(band.high_hz)
        low = axes.to_y(band.low_hz)
        top, bottom = widen(high, low, min_length=sheet.to_pixels(0.2))
        sheet.marks.rectangle([left, top, right, bottom], FULL_INK)
        labels.append((round(band.excess_db), (top + bottom) // 2))
    for excess_db, y in keep_distance(labels, sheet.to_pixels(1.1)):
        if excess_db:
            sheet.write_mark(axes.right + sheet.to_pixels(0.9), y, f"{excess_db:+d} dB")


def widen(first: int, last: int, *, min_length: int) -> tuple[int, int]:
    """Widen a range around its middle to a length that is visible."""
    missing = max(0, min_length - (last - first))
    return first - missing // 2, last + missing - missing // 2


def paint_frames(pixels: Pixels, axes: Axes, fraction: FloatArray, spec: FeatureSpec) -> None:
    """Paint the frames, (n_frames, n_mels), time to the right and frequency upwards."""
    left = axes.to_x(spec.trim_seconds)
    right = axes.to_x(spec.trim_seconds + len(fraction) * spec.step_seconds)
    image = Image.fromarray(np.ascontiguousarray(fraction.T[::-1]))
    resized = image.resize((right - left, axes.height), Image.Resampling.BICUBIC)
    axes.crop(pixels)[:] = BACKGROUND
    pixels[axes.top : axes.bottom, left:right] = map_colours(np.asarray(resized))


def paint_scale(pixels: Pixels, sheet: Sheet, axes: Axes) -> None:
    """Paint all the colours, the highest on top."""
    left = sheet.scale_left
    right = left + sheet.to_pixels(0.6)
    fraction = np.linspace(1, 0, axes.height, dtype=np.float32)
    pixels[axes.top : axes.bottom, left:right] = map_colours(fraction)[:, np.newaxis]


def draw_guides(
    pixels: Pixels, sheet: Sheet, axes: Axes, segments: Iterable[Segment], bands: Iterable[Band]
) -> None:
    """Draw dotted lines from the marks through the plot, thin enough to see the sound behind."""
    plot = axes.crop(pixels)
    dot = sheet.to_pixels(0.06)
    distance = sheet.to_pixels(0.4)
    dotted_rows, dotted_columns = (np.arange(length) % distance < dot for length in plot.shape)

    moments = {moment for each in segments for moment in (each.start_s, each.end_s)}
    for x in {axes.to_x(moment) - axes.left for moment in moments}:
        plot[dotted_rows, max(0, x - dot) : x] = FULL_MARK
    frequencies = {hz for each in bands for hz in (each.low_hz, each.high_hz)}
    for y in {axes.to_y(hz) - axes.top for hz in frequencies}:
        plot[max(0, y - dot) : y, dotted_columns] = FULL_MARK


def encode_png(pixels: Pixels) -> bytes:
    """Encode a picture as a PNG with our palette."""
    image = Image.fromarray(pixels)
    image.putpalette(build_palette())
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=COMPRESSION)
    return file.getvalue()


@lru_cache(maxsize=16)
def load_font(size: int) -> ImageFont.FreeTypeFont:
    """Load the font that Pillow includes (Aileron, CC0)."""
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow's own builds contain FreeType"
    return font
