"""A paginator for tables that never stop growing: it counts no further than anybody pages."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MAX_ROWS = 10_000


class BoundedPaginator(Paginator):
    """Pages of the first MAX_ROWS rows; the page says so, and filters find the others."""

    @cached_property
    def count(self) -> int:
        return min(self._row_count, MAX_ROWS)

    @property
    def has_more(self) -> bool:
        """Whether there are rows beyond those that are listed."""
        return self._row_count > MAX_ROWS

    @cached_property
    def _row_count(self) -> int:
        rows: Any = self.object_list
        keys = rows.order_by().values("pk")
        n_rows: int = keys[: MAX_ROWS + 1].count()
        return n_rows
