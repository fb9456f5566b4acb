"""Rows that are written once: the base of everything that is history."""

from typing import Any, Never

from django.db import models

from core.errors import RowIsImmutable


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Inserts and reads; many rows at once are no more changed or deleted than one."""

    def update(self, **_columns: Any) -> Never:
        raise RowIsImmutable(f"{self.model._meta.verbose_name_plural} are never changed.")

    def delete(self) -> Never:
        raise RowIsImmutable(f"{self.model._meta.verbose_name_plural} are never deleted.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("update_conflicts"):
            raise RowIsImmutable(f"{self.model._meta.verbose_name_plural} are never changed.")
        return super().bulk_create(*args, **kwargs)


class AppendOnlyModel(models.Model):
    """Inserts, and refuses to change or to delete."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RowIsImmutable(f"{self._meta.verbose_name} {self.pk} is never changed.")
        # Without force_insert, a new object that carries an existing key would overwrite that row.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise RowIsImmutable(f"{self._meta.verbose_name} {self.pk} is never deleted.")

    save.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]
