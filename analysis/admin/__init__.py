"""The pages of analyses, devices and calibrations in the admin; Django finds them by this package's name."""

from analysis.admin import analyses, calibrations, panels

__all__ = ["analyses", "calibrations", "panels"]
