"""Records as a table for a terminal and for a page."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from training.evaluation.intervals import Estimate

Record = dict[str, Any]


def rich_table(title: str, records: Sequence[Record]) -> Table:
    """For a terminal."""
    table = Table(*records[0], title=title, title_justify="left")
    for row in rows(records):
        table.add_row(*row)
    return table


def markdown(title: str, records: Sequence[Record]) -> str:
    """For a page."""
    lines = [list(records[0]), ["---"] * len(records[0]), *rows(records)]
    return "\n".join([f"### {title}", "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def rows(records: Sequence[Record]) -> list[list[str]]:
    """Every value as text, under the columns of the first record."""
    return [[show(record.get(column, "")) for column in records[0]] for record in records]


def show(value: Any) -> str:
    """Three decimals are more than such sets can tell; of an interval two do."""
    if isinstance(value, Estimate):
        figure = f"{value.value:.3f}"
        return figure if value.low is None else f"{figure} ({value.low:.2f}-{value.high:.2f})"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
