"""The report of a device in the older API: its newest analysis, its trend, and other models."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.current_user import get_current_user
from accounts.permissions import require_permissions
from analysis.api.analyses import LocalizedView
from analysis.api.serializers import AnalysisOut
from analysis.calibration_choice import resolve_calibration
from analysis.disturbed import DISTURBED
from analysis.errors import (
    RecordingGone,
    RecordingRefused,
    RecordingUnavailable,
    UnknownDevice,
)
from analysis.matching import MODEL_ERRORS, DecodedRecording, judge_by
from analysis.models import Analysis, AnalysisQuerySet, Device
from analysis.recordings import read_recording
from older_app.examples import REPORT, TAG
from older_app.package import Vote, build_package, build_package_without_analysis
from older_app.trend import Trend, fit_trend
from registry.models import RegisteredModel

logger = logging.getLogger(__name__)

TREND_DAYS = 30
# A report draws its history; nobody looks at more points.
MAX_HISTORY = 1000
SECONDS_A_DAY = 86_400


class ReportOut(serializers.Serializer[Any]):
    """The report of a device; docs/older-app.md says where each number comes from."""

    success = serializers.BooleanField()
    data_package = serializers.DictField()


class Report(LocalizedView):
    """The report of a device."""

    permission_classes = [require_permissions(GET="analysis.view_analysis")]
    throttle_scopes = {"GET": "analyses"}
    error_responses = {"GET": [UnknownDevice]}

    @extend_schema(tags=[TAG], responses=ReportOut, examples=[REPORT])
    def get(self, request: Request, device_id: str) -> Response:
        """Get the report of a device, in the older app. Every number in it was measured."""
        device = Device.objects.get_by_device_id(device_id)
        readable = device.analyses.visible_to(get_current_user(request))
        newest = readable.with_related().newest_first().first()
        if newest is None:
            if device.analyses.exists():
                raise Http404
            package = build_package_without_analysis(device, request.LANGUAGE_CODE)
            return Response({"success": True, "data_package": package})

        history = list_history(readable, newest)
        package = build_package(
            newest,
            history=history,
            trend=compute_trend(history),
            votes=collect_votes(newest, device),
            language=request.LANGUAGE_CODE,
        )
        result = AnalysisOut(newest, context={"request": request}).data
        package["original_analysis_result"] = result
        return Response({"success": True, "data_package": package})


def list_history(analyses: AnalysisQuerySet, newest: Analysis) -> Sequence[Analysis]:
    """Return the analyses of the last 30 days by the version of the newest one, oldest first.

    What something beside the machine disturbed says nothing about a trend.
    """
    now = timezone.now()
    # Without what a clock that was ahead put into the future: a trend is fitted to times.
    days = (now - timedelta(days=TREND_DAYS), now)
    rows = analyses.filter(version=newest.version_id, created_at__range=days)
    newest_first = rows.only("created_at", "anomaly_score", "quality").newest_first()
    history = newest_first[:MAX_HISTORY][::-1]
    return [row for row in history if DISTURBED not in row.quality["warnings"]]


def compute_trend(history: Sequence[Analysis]) -> Trend | None:
    """Fit the trend of a history, in days relative to now."""
    now = timezone.now()
    days = [(row.created_at - now).total_seconds() / SECONDS_A_DAY for row in history]
    return fit_trend(days, [row.anomaly_score for row in history])


def collect_votes(newest: Analysis, device: Device) -> list[Vote]:
    """Let one model of each level judge the newest recording, as it would judge the device.

    The version that judged it keeps its verdict. Without the bytes of the recording, or where they
    are refused now, there is no other vote.
    """
    voters = choose_voters(device)
    own = [
        Vote(model.pk, newest.label, newest.score)
        for model in voters
        if model.serving_version_id == newest.version_id
    ]
    others = [model for model in voters if model.serving_version_id != newest.version_id]
    if not others or newest.recording.purged_at is not None:
        return own
    try:
        recording = DecodedRecording(read_recording(newest.recording))
    except (RecordingGone, RecordingUnavailable, RecordingRefused) as exc:
        logger.warning("No votes on %s: %s", newest.pk, exc)
        return own

    return own + [vote_of(model, device, recording) for model in others]


def vote_of(model: RegisteredModel, device: Device, recording: DecodedRecording) -> Vote:
    """Judge a recording by the serving version of a model, with the calibration of the device."""
    version = model.get_version_to_serve()
    try:
        match = judge_by(model, version, partial(resolve_calibration, version, device), recording)
    except MODEL_ERRORS as exc:
        return Vote(model.pk, exc.code, None)
    return Vote(model.pk, match.label, match.score)


def choose_voters(device: Device) -> list[RegisteredModel]:
    """Return at most one model on offer a level for the machine type of a device."""
    offered = RegisteredModel.objects.selectable().suitable_for(device_type=device.machine_type_id)
    models = offered.with_serving_version().order_by("level", "-is_default", "pk")
    by_level: dict[int, RegisteredModel] = {}
    for model in models:
        by_level.setdefault(model.level, model)
    return list(by_level.values())
