"""The app that goes from sound to diagnosis."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"
