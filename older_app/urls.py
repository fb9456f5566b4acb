"""Paths below /api/ that an app of before knows."""

from django.urls import path

from older_app.devices import (
    DeviceByName,
    DeviceConfig,
    Devices,
    ShowReference,
    StoreReference,
)
from older_app.reports import Report
from older_app.sign_in import Login, Me, SignUp
from older_app.uploads import OlderFeedback, Result, Upload

urlpatterns = [
    path("auth/login", Login.as_view()),
    path("auth/me", Me.as_view()),
    path("auth/signup", SignUp.as_view()),
    path("mobile/upload", Upload.as_view()),
    path("mobile/result/<uuid:task_id>", Result.as_view()),
    path("mobile/feedback/<uuid:analysis_id>", OlderFeedback.as_view()),
    path("mobile/report/<slug:device_id>", Report.as_view()),
    path("mobile/devices", Devices.as_view()),
    path("mobile/devices/<slug:device_id>", DeviceByName.as_view()),
    path("mobile/devices/<slug:device_id>/config", DeviceConfig.as_view()),
    path("v1/devices/<slug:device_id>/calibrate", StoreReference.as_view()),
    path("v1/devices/<slug:device_id>/calibration", ShowReference.as_view()),
]
