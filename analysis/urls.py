"""Paths below /api/v1/."""

from django.urls import path

from analysis.views import AnalysisDetail, AnalysisList

urlpatterns = [
    path("analyses", AnalysisList.as_view(), name="analyses"),
    path("analyses/<uuid:pk>", AnalysisDetail.as_view(), name="analysis"),
]
