"""Parameters and metrics as a table that a person can read."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MAX_ITEMS = 20


def render_table(values: Mapping[str, Any]) -> SafeString:
    """Lay nested values out as rows of name and value."""
    rows = format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", _flatten(values))
    return format_html("<table>{}</table>", rows)


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        label = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{label}: ")
        else:
            yield label, _say(value)


def _say(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        shown = ", ".join(_say(item) for item in value[:MAX_ITEMS])
        return f"{shown}, ... ({len(value)} in all)" if len(value) > MAX_ITEMS else shown
    return str(value)
