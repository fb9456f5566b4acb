"""The HTTP side of analyses: parse, call one function, render."""

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
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

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
from analysis.api.serializers import (
    AnalysisFilter,
    AnalysisOut,
    AnalysisPage,
    AnalysisRequest,
    FeedbackOut,
    FeedbackRequest,
    analysis_renderer,
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

PAGE_SIZE = 50
ANALYSIS_ERRORS: list[type[SignalCraftError]] = [
    *errors.RecordingRefused.__subclasses__(),
    *[
        errors.UnknownDevice,
        errors.ModelRequired,
        errors.NotCalibrated,
        errors.IdempotencyKeyReused,
    ],
    *[UnknownModel, ModelInactive, NoServingVersion, ArtifactUnavailable, ArtifactCorrupt],
]


class LocalizedView(APIView):
    """Answers with summaries in the reader's language, and says so; refusals are for programs, in English."""

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if status.is_success(response.status_code):
            response.headers["Content-Language"] = request.LANGUAGE_CODE
        return response


class AnalysisList(LocalizedView):
    """Analyse a recording, or list those analysed before."""

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
        """Judge one recording by one model, at once; with an Idempotency-Key once only."""
        key = read_idempotency_key(request)
        form = AnalysisRequest(data=request.data)
        form.is_valid(raise_exception=True)
        asked = dict(form.validated_data)
        file = asked.pop("file")
        asked |= {"user": request.user, "original_name": file.name, "idempotency_key": key}
        analysis = pipeline.analyze(file.read(), **asked)
        rendered = analysis_renderer.render(analysis, request)
        location = reverse("analysis", args=[analysis.pk])
        return Response(rendered, status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(
        operation_id="analyses_list",
        parameters=[AnalysisFilter],
        responses=AnalysisPage,
        examples=[ANALYSES],
    )
    def get(self, request: Request) -> Response:
        """List one's own analyses, newest first; staff see everybody's."""
        query = AnalysisFilter(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = dict(query.validated_data)
        visible = Analysis.objects.visible_to(request.user)
        last = resolve_cursor(visible, asked.pop("cursor", None))
        rows = list(visible.filter_by(**asked).page_after(last).with_related()[: PAGE_SIZE + 1])
        page = {"analyses": rows[:PAGE_SIZE], "next": None}
        if len(rows) > PAGE_SIZE:
            page["next"] = replace_query_param(
                request.build_absolute_uri(), "cursor", rows[PAGE_SIZE - 1].pk
            )
        return Response(AnalysisPage(page, context={"request": request}).data)


@extend_schema_view(get=extend_schema(examples=[ANALYSIS]))
class AnalysisDetail(LocalizedView, RetrieveAPIView):
    """One analysis, for its owner and for staff."""

    permission_classes = [require_permissions(GET="analysis.view_analysis")]
    serializer_class = AnalysisOut

    def get_queryset(self) -> AnalysisQuerySet:
        return Analysis.objects.visible_to(self.request.user).with_related()


class AnalysisFeedback(APIView):
    """What its readers think of one analysis."""

    permission_classes = [require_permissions(PUT="analysis.view_analysis")]

    @extend_schema(
        request=FeedbackRequest, responses=FeedbackOut, examples=[FEEDBACK_REQUEST, FEEDBACK]
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Say, or say anew, what was really the matter with the machine."""
        analysis = get_object_or_404(Analysis.objects.visible_to(request.user), pk=pk)
        form = FeedbackRequest(data=request.data)
        form.is_valid(raise_exception=True)
        feedback = Feedback.objects.give(analysis, request.user, **form.validated_data)
        return Response(FeedbackOut(feedback).data)


def resolve_cursor(analyses: AnalysisQuerySet, cursor: UUID | None) -> Analysis | None:
    """Return the analysis that the page before ended with, None for the first page."""
    last = analyses.filter(pk=cursor).first() if cursor else None
    if cursor and last is None:
        raise ValidationError({"cursor": ["No page ended here."]})
    return last
