"""Values as people read them: formatted numbers and moments, and tables of names and values."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MAX_ITEMS = 20
ABSENT = "–"
# Four digits are enough, except in this range: nobody reads 1.6e+04 Hz.
WHOLE_FROM = 1e4
WHOLE_BELOW = 1e9


def render_table(values: Mapping[str, Any]) -> SafeString:
    """Render nested values as rows of name and value."""
    rows = format_html_join(
        "",
        "<tr><th>{}</th><td>{}</td></tr>",
        ((name, format_value(value)) for name, value in flatten(values)),
    )
    return format_html("<table>{}</table>", rows)


def number_column(column: str, title: str) -> Callable[[Any, Any], str]:
    """Make a list column that formats a number."""

    @admin.display(description=title, ordering=column)
    def render(_model_admin: Any, row: Any) -> str:
        return format_value(getattr(row, column))

    return render


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value with the names that lead to it."""
    for name, value in values.items():
        label = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from flatten(value, f"{label}: ")
        else:
            yield label, value


def format_value(value: Any) -> str:
    """Format any value for a person."""
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if WHOLE_FROM <= abs(value) < WHOLE_BELOW else f"{value:.4g}"
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, list):
        return _format_list(value)
    return value if isinstance(value, SafeString) else str(value)


def _format_list(values: list[Any]) -> str:
    items = ", ".join(map(format_value, values[:MAX_ITEMS]))
    return f"{items}, ... ({len(values)} in all)" if len(values) > MAX_ITEMS else items
