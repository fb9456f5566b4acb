"""Paths below /api/v1/."""

from django.urls import path

from analysis.device_views import DeviceDetail, DeviceList
from analysis.playback import Audio, Spectrogram
from analysis.views import AnalysisDetail, AnalysisFeedback, AnalysisList

urlpatterns = [
    path("analyses", AnalysisList.as_view(), name="analyses"),
    path("analyses/<uuid:pk>", AnalysisDetail.as_view(), name="analysis"),
    path("analyses/<uuid:pk>/feedback", AnalysisFeedback.as_view(), name="feedback"),
    path("devices", DeviceList.as_view(), name="devices"),
    path("devices/<slug:device_id>", DeviceDetail.as_view(), name="device"),
    path("analyses/<uuid:pk>/spectrogram.png", Spectrogram.as_view(), name="spectrogram"),
    path("analyses/<uuid:pk>/audio", Audio.as_view(), name="audio"),
]
