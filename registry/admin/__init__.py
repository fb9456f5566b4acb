"""The registry's pages in the admin; Django finds them by this package's name."""

from registry.admin import machine_types, promotions, proposals, registered_models, versions

__all__ = ["machine_types", "promotions", "proposals", "registered_models", "versions"]
