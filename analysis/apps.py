"""The app that goes from sound to diagnosis."""

from django.apps import AppConfig

from core.triggers import MAY_CHANGE


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        MAY_CHANGE["analysis.CalibrationRecord"] = (set(), None)
        MAY_CHANGE["analysis.FeedbackRevision"] = (set(), None)
