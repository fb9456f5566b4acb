"""The report of a device in the older API: its newest analysis, its trend, and other models."""

from collections.abc import Sequence
from datetime import timedelta
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
from analysis.errors import UnknownDevice
from analysis.loading import get_limits
from analysis.matching import judge_by_each
from analysis.models import Analysis, AnalysisQuerySet, Device
from analysis.recordings import read_recording
from analysis.sound.audio import decode
from analysis.sound.quality import assess_quality
from older_app.examples import REPORT, TAG
from older_app.package import Vote, build_package, build_package_without_analysis
from older_app.trend import Trend, fit_trend
from registry.models import RegisteredModel

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
        newest = readable.with_related().order_by("-created_at", "-id").first()
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
    """Return the analyses of the last 30 days by the version of the newest one, oldest first."""
    since = timezone.now() - timedelta(days=TREND_DAYS)
    rows = analyses.filter(version=newest.version_id, created_at__gte=since)
    newest_first = rows.only("created_at", "anomaly_score").order_by("-created_at", "-id")
    return list(newest_first[:MAX_HISTORY])[::-1]


def compute_trend(history: Sequence[Analysis]) -> Trend | None:
    """Fit the trend of a history, in days relative to now."""
    now = timezone.now()
    days = [(row.created_at - now).total_seconds() / SECONDS_A_DAY for row in history]
    return fit_trend(days, [row.anomaly_score for row in history])


def collect_votes(newest: Analysis, device: Device) -> list[Vote]:
    """Let one model of each level judge the newest recording, if its bytes are still stored.

    It is the default of the machine type, else the first by id.
    """
    if newest.recording.purged_at is not None:
        return []
    clip = decode(read_recording(newest.recording), get_limits())
    matches, failures = judge_by_each(choose_voters(device), clip, assess_quality(clip))
    votes = [Vote(match.model.name, match.label, match.score) for match in matches]
    return votes + [Vote(model.name, exc.code, None) for model, exc in failures]


def choose_voters(device: Device) -> list[RegisteredModel]:
    """Return at most one model on offer a level for the machine type of a device."""
    offered = RegisteredModel.objects.selectable().suitable_for(device_type=device.machine_type_id)
    models = offered.with_serving_version().order_by("level", "-is_default", "pk")
    by_level: dict[int, RegisteredModel] = {}
    for model in models:
        by_level.setdefault(model.level, model)
    return list(by_level.values())
