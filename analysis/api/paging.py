"""Pages of rows: each names the row that it ended with as the cursor of the next."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param


def build_page(
    request: Request,
    name: str,
    rows: QuerySet[Any],
    *,
    size: int,
    get_cursor: Callable[[Any], object] = lambda row: row.pk,
) -> dict[str, Any]:
    """Return the first rows under this name, and the address of the next page (None: no more)."""
    # One row more than fits tells whether there is a next page.
    found: list[Model] = list(rows[: size + 1])
    next_url = None
    if len(found) > size:
        cursor = get_cursor(found[size - 1])
        next_url = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
    return {name: found[:size], "next": next_url}
