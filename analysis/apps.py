"""The app that goes from sound to diagnosis."""

from django.apps import AppConfig

from core.triggers import MUTABLE_COLUMNS


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        MUTABLE_COLUMNS["analysis.CalibrationRecord"] = (set(), None)
        MUTABLE_COLUMNS["analysis.FeedbackRevision"] = (set(), None)
