"""Rows that are written once: the base of everything that is history."""

from typing import Any, Never

from django.db import models

from registry.errors import WrittenOnce


class WrittenOnceModel(models.Model):
    """Inserts, and refuses to change or to delete."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WrittenOnce(f"{self._meta.verbose_name} {self.pk} is never changed.")
        # Without force_insert, a new object that carries an existing key would overwrite that row.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise WrittenOnce(f"{self._meta.verbose_name} {self.pk} is never deleted.")

    save.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]
