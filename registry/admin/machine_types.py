"""Machine types in admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from registry.models import MachineType


@admin.register(MachineType)
class MachineTypeAdmin(admin.ModelAdmin):
    """Machine types; a new one is a new row."""

    list_display = ["name", "name_ko", "slug"]
    search_fields = ["slug", "name", "name_ko"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: MachineType | None = None
    ) -> list[str]:
        return ["slug"] if obj else []

    def has_delete_permission(self, *_args: Any) -> bool:
        return False
