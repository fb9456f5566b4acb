"""Small charts as inline SVG: no script, the colours are the admin's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 320, 150
LEFT, RIGHT, TOP, BOTTOM = 42, 8, 26, 20
N_BINS = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that is drawn across a histogram, as a named line."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through one value a step, from the first on; name is its CSS class."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = (self.high - self.low) or 1.0
        return round(self.start + (value - self.low) / span * (self.end - self.start), 1)


def render_histogram(values: Sequence[float], marks: Sequence[Mark]) -> SafeString:
    """Draw how often which value came, and lines across it."""
    shown = [*values, *(mark.value for mark in marks)]
    x = Scale(min(shown), max(shown), LEFT, WIDTH - RIGHT)
    counts = count_bins(values, x.low, x.high)
    y = Scale(0, max(counts), HEIGHT - BOTTOM, TOP)
    step = (x.end - x.start) / N_BINS
    bars = format_html_join(
        "",
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        (
            (
                round(x.start + i * step, 1),
                y(count),
                round(step - 1, 1),
                round(y.start - y(count), 1),
                count,
            )
            for i, count in enumerate(counts)
            if count
        ),
    )
    return frame(
        format_html("{}{}", bars, draw_marks(marks, x)), x, y, f"Histogram of {len(values)} scores"
    )


def draw_marks(marks: Sequence[Mark], x: Scale) -> SafeString:
    """Lines across the chart; their names stand in two rows, so that neighbours do not cover each other."""
    line = '<line class="mark {}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
    label = '<text class="{}" x="{}" y="{}" text-anchor="{}">{} {}</text>'
    middle = (x.start + x.end) / 2
    rows = []
    for i, mark in enumerate(marks):
        at, name, height = x(mark.value), mark.name.lower(), 10 + 11 * (i % 2)
        anchor = "start" if at < middle else "end"
        rows.append(
            (
                name,
                at,
                at,
                TOP - 2,
                HEIGHT - BOTTOM,
                name,
                at,
                height,
                anchor,
                mark.name,
                short(mark.value),
            )
        )
    return format_html_join("", line + label, rows)


def render_line_chart(curves: Iterable[Curve], what: str) -> SafeString | None:
    """Draw curves over the same steps; None where there is nothing to draw."""
    drawn = [curve for curve in curves if any(is_number(value) for value in curve.values)]
    if not drawn:
        return None
    values = [
        value for curve in drawn for value in curve.values if value is not None and isfinite(value)
    ]
    x = Scale(1, max(len(curve.values) for curve in drawn), LEFT, WIDTH - RIGHT)
    y = Scale(min(values), max(values), HEIGHT - BOTTOM, TOP)
    lines = format_html_join(
        "",
        '<polyline class="curve {}" points="{}"/>',
        ((curve.name, points(curve.values, x, y)) for curve in drawn),
    )
    y_labels = format_html(
        '<text x="{0}" y="{1}" text-anchor="end">{2}</text>', LEFT - 3, TOP + 4, short(y.high)
    )
    return frame(format_html("{}{}", lines, y_labels), x, y, what)


def points(values: Sequence[float | None], x: Scale, y: Scale) -> str:
    """Where a curve goes."""
    return " ".join(
        f"{x(i)},{y(value)}"
        for i, value in enumerate(values, 1)
        if value is not None and isfinite(value)
    )


def frame(content: SafeString, x: Scale, y: Scale, what: str) -> SafeString:
    """Put axes around it."""
    bottom = HEIGHT - BOTTOM
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>{}'
        '<text x="{}" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text>'
        '<text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        *(WIDTH, HEIGHT, what, LEFT, WIDTH - RIGHT, bottom, bottom, content),
        *(LEFT, HEIGHT - 5, short(x.low), WIDTH - RIGHT, HEIGHT - 5, short(x.high)),
        *(LEFT - 3, bottom, short(y.low)),
    )


def count_bins(values: Sequence[float], low: float, high: float) -> list[int]:
    """How many values lie in each of N_BINS equal parts."""
    counts = [0] * N_BINS
    for value in values:
        part = (value - low) / ((high - low) or 1.0)
        counts[min(N_BINS - 1, int(part * N_BINS))] += 1
    return counts


def is_number(value: float | None) -> bool:
    """Whether it can be drawn."""
    return value is not None and isfinite(value)


def short(value: float) -> str:
    """As many digits as an axis has room for."""
    return f"{value:.3g}"
