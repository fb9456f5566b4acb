"""Analysis' pages in the admin; Django finds them by this package's name."""

from analysis.admin import analyses, calibrations, devices, feedback, panels

__all__ = ["analyses", "calibrations", "devices", "feedback", "panels"]
