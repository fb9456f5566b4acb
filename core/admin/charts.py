"""Small charts as inline SVG: no script, and the admin's own colours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 320
HEIGHT = 150
# Margins around the plot, in pixels.
LEFT = 42
RIGHT = 8
TOP = 26
BOTTOM = 20
N_BINS = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that is drawn as a named line across a histogram."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through one value a step, beginning at step 1; name is its CSS class."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = (self.high - self.low) or 1.0
        return round(self.start + (value - self.low) / span * (self.end - self.start), 1)


def render_histogram(values: Sequence[float], marks: Sequence[Mark]) -> SafeString:
    """Render how often the values occur, with marks across."""
    extent = [*values, *(mark.value for mark in marks)]
    x = Scale(min(extent), max(extent), LEFT, WIDTH - RIGHT)
    counts = count_bins(values, x.low, x.high)
    y = Scale(0, max(counts), HEIGHT - BOTTOM, TOP)

    content = format_html("{}{}", render_bars(counts, x, y), render_marks(marks, x))
    return render_frame(content, x, y, f"Histogram of {len(values)} scores")


def render_bars(counts: Sequence[int], x: Scale, y: Scale) -> SafeString:
    """Render one bar for each bin that is not empty."""
    step = (x.end - x.start) / N_BINS
    bars = (
        {
            "x": round(x.start + i * step, 1),
            "y": y(count),
            "width": round(step - 1, 1),
            "height": round(y.start - y(count), 1),
            "count": count,
        }
        for i, count in enumerate(counts)
        if count
    )
    bar = (
        '<rect class="bar" x="{x}" y="{y}" width="{width}" height="{height}">'
        "<title>{count}</title></rect>"
    )
    return format_html_join("", bar, bars)


def render_marks(marks: Sequence[Mark], x: Scale) -> SafeString:
    """Render lines across the chart, with their names in two rows so that none covers another."""
    middle = (x.start + x.end) / 2
    lines = (
        {
            "css": mark.name.lower(),
            "x": x(mark.value),
            "top": TOP - 2,
            "bottom": HEIGHT - BOTTOM,
            "text_y": 10 + 11 * (i % 2),
            "anchor": "start" if x(mark.value) < middle else "end",
            "name": mark.name,
            "value": format_number(mark.value),
        }
        for i, mark in enumerate(marks)
    )
    line = '<line class="mark {css}" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>'
    label = '<text class="{css}" x="{x}" y="{text_y}" text-anchor="{anchor}">{name} {value}</text>'
    return format_html_join("", line + label, lines)


def render_line_chart(curves: Iterable[Curve], label: str) -> SafeString | None:
    """Render curves over the same steps; None where there is nothing to draw."""
    visible = [curve for curve in curves if any(is_finite(value) for value in curve.values)]
    if not visible:
        return None

    values = [
        value
        for curve in visible
        for value in curve.values
        if value is not None and isfinite(value)
    ]
    x = Scale(1, max(len(curve.values) for curve in visible), LEFT, WIDTH - RIGHT)
    y = Scale(min(values), max(values), HEIGHT - BOTTOM, TOP)
    lines = format_html_join(
        "",
        '<polyline class="curve {}" points="{}"/>',
        ((curve.name, format_points(curve.values, x, y)) for curve in visible),
    )
    top_label = format_html(
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        LEFT - 3,
        TOP + 4,
        format_number(y.high),
    )
    return render_frame(format_html("{}{}", lines, top_label), x, y, label)


def format_points(values: Sequence[float | None], x: Scale, y: Scale) -> str:
    """Write the points of a curve for SVG, without those that are missing."""
    return " ".join(
        f"{x(step)},{y(value)}"
        for step, value in enumerate(values, 1)
        if value is not None and isfinite(value)
    )


def render_frame(content: SafeString, x: Scale, y: Scale, label: str) -> SafeString:
    """Render axes around the content."""
    frame = (
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">'
        '<line class="axis" x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/>{content}'
        '<text x="{left}" y="{below}">{x_low}</text>'
        '<text x="{right}" y="{below}" text-anchor="end">{x_high}</text>'
        '<text x="{beside}" y="{bottom}" text-anchor="end">{y_low}</text></svg>'
    )
    return format_html(
        frame,
        width=WIDTH,
        height=HEIGHT,
        label=label,
        left=LEFT,
        right=WIDTH - RIGHT,
        bottom=HEIGHT - BOTTOM,
        below=HEIGHT - 5,
        beside=LEFT - 3,
        x_low=format_number(x.low),
        x_high=format_number(x.high),
        y_low=format_number(y.low),
        content=content,
    )


def count_bins(values: Sequence[float], low: float, high: float) -> list[int]:
    """Count the values in each of N_BINS equal parts."""
    counts = [0] * N_BINS
    span = (high - low) or 1.0
    for value in values:
        part = (value - low) / span
        counts[min(N_BINS - 1, int(part * N_BINS))] += 1
    return counts


def is_finite(value: float | None) -> bool:
    """Return whether a value can be drawn."""
    return value is not None and isfinite(value)


def format_number(value: float) -> str:
    """Write as many digits as an axis has room for."""
    return f"{value:.3g}"
