"""Paths below /api/v1/."""

from django.urls import path, re_path

from analysis.api.analyses import AnalysisDetail, AnalysisFeedback, AnalysisList
from analysis.api.calibrations import (
    DeviceCalibrations,
    ModelCalibrations,
    UndoDeviceCalibration,
    UndoModelCalibration,
)
from analysis.api.capabilities import Capabilities
from analysis.api.demo import DemoRecording
from analysis.api.devices import DeviceDetail, DeviceList
from analysis.api.match import ModelMatch
from analysis.api.media import Audio, Spectrogram
from analysis.demo import KINDS

UNDO = "calibrations/<int:calibration_id>/undo"

urlpatterns = [
    path("models/match", ModelMatch.as_view(), name="match"),
    path(
        "models/<slug:model_id>/calibrations",
        ModelCalibrations.as_view(),
        name="model-calibrations",
    ),
    path(f"models/<slug:model_id>/{UNDO}", UndoModelCalibration.as_view()),
    path(
        "devices/<slug:device_id>/calibrations",
        DeviceCalibrations.as_view(),
        name="device-calibrations",
    ),
    path(f"devices/<slug:device_id>/{UNDO}", UndoDeviceCalibration.as_view()),
    path("capabilities", Capabilities.as_view(), name="capabilities"),
    path("analyses", AnalysisList.as_view(), name="analyses"),
    path("analyses/<uuid:pk>", AnalysisDetail.as_view(), name="analysis"),
    path("analyses/<uuid:pk>/feedback", AnalysisFeedback.as_view(), name="feedback"),
    path("devices", DeviceList.as_view(), name="devices"),
    path("devices/<slug:device_id>", DeviceDetail.as_view(), name="device"),
    re_path(
        rf"^demo/(?P<device_id>[-\w]{{1,100}})/(?P<kind>{'|'.join(KINDS)})$",
        DemoRecording.as_view(),
        name="demo-recording",
    ),
    path("analyses/<uuid:pk>/spectrogram.png", Spectrogram.as_view(), name="spectrogram"),
    path("analyses/<uuid:pk>/audio", Audio.as_view(), name="audio"),
]
