"""The registry's pages in the admin; Django finds them by this package's name."""

from registry.admin import registered_models

__all__ = ["registered_models"]
