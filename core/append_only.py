"""Append-only rows: inserted and read, never changed or deleted. The base of all history."""

from typing import Any, Never, TypeVar

from django.db import models

from core.errors import RowIsImmutable
from core.verbs import alters_data

Row = TypeVar("Row", bound=models.Model, covariant=True)


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """Refuses to change or delete many rows at once, as the model refuses it for one."""

    def update(self, **_columns: Any) -> Never:
        raise RowIsImmutable(f"{self.model._meta.verbose_name_plural} are never changed.")

    def delete(self) -> Never:
        raise RowIsImmutable(f"{self.model._meta.verbose_name_plural} are never deleted.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Row]:
        if kwargs.get("update_conflicts"):
            raise RowIsImmutable(f"{self.model._meta.verbose_name_plural} are never changed.")
        return super().bulk_create(*args, **kwargs)


class AppendOnlyModel(models.Model):
    """A row that can be inserted, and refuses to be changed or deleted."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    @alters_data
    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RowIsImmutable(f"{self._meta.verbose_name} {self.pk} is never changed.")
        # Without force_insert, a new object that carries an existing key would overwrite that row.
        super().save(*args, **{**kwargs, "force_insert": True})

    @alters_data
    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise RowIsImmutable(f"{self._meta.verbose_name} {self.pk} is never deleted.")
