"""Records as a table for a terminal and for a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from training.evaluation.intervals import Estimate

Record = dict[str, Any]


def publish(title: str, records: Sequence[Record], markdown: Path | None) -> None:
    """Print records, and write them for a page where one is named."""
    Console(width=160).print(make_rich_table(title, records))
    if markdown:
        markdown.write_text(render_markdown(title, records))


def make_rich_table(title: str, records: Sequence[Record]) -> Table:
    """Return records as a table for a terminal."""
    table = Table(*records[0], title=title, title_justify="left")
    for row in format_rows(records):
        table.add_row(*row)
    return table


def render_markdown(title: str, records: Sequence[Record]) -> str:
    """Return records as a table for a page."""
    header = [list(records[0]), ["---"] * len(records[0])]
    lines = [f"| {' | '.join(cells)} |\n" for cells in header + format_rows(records)]
    return f"### {title}\n\n{''.join(lines)}"


def format_rows(records: Sequence[Record]) -> list[list[str]]:
    """Return every value as text, under the columns of the first record."""
    return [[format_value(record.get(column, "")) for column in records[0]] for record in records]


def format_value(value: Any) -> str:
    """Format a figure with three decimals, the ends of its interval with two."""
    if isinstance(value, Estimate):
        figure = f"{value.value:.3f}"
        return figure if value.low is None else f"{figure} ({value.low:.2f}-{value.high:.2f})"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
