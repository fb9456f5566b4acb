"""API views of analyses and feedback: parse, call one function, render."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current_user import get_current_user
from accounts.permissions import require_permissions
from analysis import errors, pipeline
from analysis.api.examples import (
    ANALYSES,
    ANALYSIS,
    ANALYSIS_REQUEST,
    FEEDBACK,
    FEEDBACK_REQUEST,
    IDEMPOTENCY_KEY_HEADER,
)
from analysis.api.paging import build_page
from analysis.api.serializers import (
    AnalysisFilter,
    AnalysisOut,
    AnalysisPage,
    AnalysisRequest,
    FeedbackOut,
    FeedbackRequest,
)
from analysis.api.uploads import RecordingParser, read_idempotency_key
from analysis.models import Analysis, AnalysisQuerySet, Feedback
from core.errors import SignalCraftError
from registry.errors import (
    ArtifactCorrupt,
    ArtifactUnavailable,
    ModelInactive,
    NoServingVersion,
    UnknownModel,
)

ANALYSIS_ERRORS: list[type[SignalCraftError]] = [
    *errors.RecordingRefused.__subclasses__(),
    errors.DecoderBusy,
    errors.UnknownDevice,
    errors.ModelRequired,
    errors.NotCalibrated,
    errors.IdempotencyKeyReused,
    UnknownModel,
    ModelInactive,
    NoServingVersion,
    ArtifactUnavailable,
    ArtifactCorrupt,
]


class LocalizedView(APIView):
    """Base of views whose answers hold summaries; errors are for programs and stay English."""

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Declare the language of an answer."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if status.is_success(response.status_code):
            response.headers["Content-Language"] = request.LANGUAGE_CODE
        return response


class AnalysisList(LocalizedView):
    """Analyse a recording, or list analyses."""

    parser_classes = [RecordingParser]
    permission_classes = [
        require_permissions(GET="analysis.view_analysis", POST="analysis.add_analysis")
    ]
    throttle_scopes = {"POST": "analyses"}
    error_responses = {"POST": ANALYSIS_ERRORS}

    @extend_schema(
        request=AnalysisRequest,
        parameters=[IDEMPOTENCY_KEY_HEADER],
        responses={201: AnalysisOut},
        examples=[ANALYSIS_REQUEST, ANALYSIS],
    )
    def post(self, request: Request) -> Response:
        """Analyse a recording.

        The result is in the answer. With an Idempotency-Key the request is safe to send again.
        """
        idempotency_key = read_idempotency_key(request)
        form = AnalysisRequest(data=request.data)
        form.is_valid(raise_exception=True)
        params = dict(form.validated_data)
        file = params.pop("file")

        analysis = pipeline.analyze(
            file.read(),
            user=get_current_user(request),
            original_name=file.name,
            idempotency_key=idempotency_key,
            **params,
        )
        location = reverse("analysis", args=[analysis.pk])
        body = AnalysisOut(analysis, context={"request": request}).data
        return Response(body, status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(
        operation_id="analyses_list",
        parameters=[AnalysisFilter],
        responses=AnalysisPage,
        examples=[ANALYSES],
    )
    def get(self, request: Request) -> Response:
        """List analyses.

        One's own, newest first; staff see everybody's.
        """
        query = AnalysisFilter(data=request.query_params)
        query.is_valid(raise_exception=True)
        params = dict(query.validated_data)
        cursor = params.pop("cursor", None)
        size = params.pop("limit")
        reader = get_current_user(request)

        visible = Analysis.objects.visible_to(reader)
        if params.pop("mine"):
            visible = visible.sent_by(reader)
        last = resolve_cursor(visible, cursor)
        rows = visible.filter_by(**params).page_after(last).with_related()
        page = build_page(request, "analyses", rows, size=size)
        return Response(AnalysisPage(page, context={"request": request}).data)


@extend_schema_view(get=extend_schema(examples=[ANALYSIS]))
class AnalysisDetail(LocalizedView, RetrieveAPIView[Analysis]):
    """Get an analysis.

    Only its owner and staff may read it.
    """

    permission_classes = [require_permissions(GET="analysis.view_analysis")]
    serializer_class = AnalysisOut

    def get_queryset(self) -> AnalysisQuerySet:
        return Analysis.objects.visible_to(get_current_user(self.request)).with_related()


class AnalysisFeedback(APIView):
    """The reader's own feedback on an analysis."""

    permission_classes = [require_permissions(PUT="analysis.view_analysis")]

    @extend_schema(
        request=FeedbackRequest, responses=FeedbackOut, examples=[FEEDBACK_REQUEST, FEEDBACK]
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Set or replace feedback.

        It says whether the verdict was right, and what was found. Every reader has their own.
        """
        reviewer = get_current_user(request)
        analysis = get_object_or_404(Analysis.objects.visible_to(reviewer), pk=pk)
        form = FeedbackRequest(data=request.data)
        form.is_valid(raise_exception=True)
        feedback = Feedback.objects.give(analysis, reviewer, **form.validated_data)
        return Response(FeedbackOut(feedback).data)


def resolve_cursor(analyses: AnalysisQuerySet, cursor: UUID | None) -> Analysis | None:
    """Return the analysis that the previous page ended with, None for the first page."""
    if cursor is None:
        return None
    last = analyses.filter(pk=cursor).first()
    if last is None:
        raise ValidationError({"cursor": ["No page ended here."]})
    return last
