"""Admin pages of rows that are neither added nor deleted by hand."""

from typing import Any, ClassVar

from core.admin.paginator import BoundedPaginator


class NoAddDeleteMixin:
    """Rows that may be edited, but neither added nor deleted by hand."""

    change_list_template: ClassVar[Any] = "admin/core/change_list.html"
    # Without Django's link to a history, which knows only what is edited by hand.
    change_form_template: ClassVar[Any] = "admin/core/change_form.html"
    paginator: ClassVar[type] = BoundedPaginator
    show_full_result_count = False

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class HistoryMixin(NoAddDeleteMixin):
    """Rows that are only read."""

    def has_change_permission(self, *_args: Any) -> bool:
        return False
