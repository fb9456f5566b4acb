"""Lists of tables that never stop growing: counted as far as anybody pages, so that a page takes as long as ever."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MAX_ROWS = 10_000


class BoundedPaginator(Paginator):
    """Pages of the first MAX_ROWS rows; the page says so, and what is behind them is found by filters and search."""

    @cached_property
    def count(self) -> int:
        return min(self._counted, MAX_ROWS)

    @property
    def has_more(self) -> bool:
        """Whether there are rows behind those that are listed."""
        return self._counted > MAX_ROWS

    @cached_property
    def _counted(self) -> int:
        counted: int = self.object_list.order_by().values("pk")[: MAX_ROWS + 1].count()  # type: ignore[union-attr]
        return counted
