"""Uploads, results and feedback in the older API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current_user import get_current_user
from accounts.models import User
from accounts.permissions import require_permissions
from analysis import pipeline
from analysis.api.analyses import ANALYSIS_ERRORS, LocalizedView
from analysis.api.examples import IDEMPOTENCY_KEY_HEADER
from analysis.api.fields import RecordingField
from analysis.api.uploads import RecordingParser, read_idempotency_key
from analysis.models import Analysis, Device, Feedback
from analysis.models.feedback import MAX_COMMENT_LENGTH
from analysis.recordings import get_container
from core.errors import SignalCraftError
from older_app.examples import FEEDBACK, FEEDBACK_GIVEN, RESULT, TAG, UPLOAD, UPLOADED
from older_app.model_choice import PREFERENCE, choose_model
from older_app.models import RetrainingCandidate
from older_app.results import build_result
from registry.models import RegisteredModel

# The container that needs no conversion before it is judged.
PLAIN = "wav"


class UploadForm(serializers.Serializer[Any]):
    """The form of an upload; what the recorder says of its format is read from the file instead."""

    file = RecordingField()
    device_id = serializers.SlugField(
        required=False, allow_blank=True, max_length=100, default="", help_text="The machine."
    )
    audio_format = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="Read from the file instead."
    )
    sample_rate = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="Read from the file instead."
    )
    channels = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="Read from the file instead."
    )
    model_preference = serializers.RegexField(
        PREFERENCE.pattern + r"\Z",
        required=False,
        allow_blank=True,
        max_length=100,
        default="",
        error_messages={"invalid": "Name a level or a detector type, such as level1."},
        help_text="A level, such as level1, or a detector type, such as level2_autoencoder.",
    )
    target_model_id = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        default="",
        help_text="The model that judges, whatever else is asked for.",
    )
    model_id = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        default="",
        help_text="The same as target_model_id, which wins.",
    )


class UploadOut(serializers.Serializer[Any]):
    """Where the result is. It is there already: an upload is judged before it is answered."""

    success = serializers.BooleanField()
    task_id = serializers.UUIDField()
    file_type = serializers.CharField(help_text="What the file is, by its content.")
    conversion_applied = serializers.BooleanField(help_text="False for wav.")


class ResultOut(serializers.Serializer[Any]):
    """The result of an upload. An upload that cannot be judged is refused and has none."""

    success = serializers.BooleanField()
    task_id = serializers.UUIDField()
    status = serializers.ChoiceField(["COMPLETED"])
    result = serializers.DictField()
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField()


class OlderFeedbackForm(serializers.Serializer[Any]):
    """What was found at the machine."""

    feedback_status = serializers.ChoiceField(
        list(Feedback.Outcome),
        help_text=(
            "TRUE_POSITIVE: the machine is faulty; FALSE_POSITIVE: it is healthy; "
            "IGNORE: the recording is of no use."
        ),
    )
    feedback_comment = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=MAX_COMMENT_LENGTH,
        default="",
    )
    is_retraining_candidate = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Whether to train on this recording; an administrator finds it in a list.",
    )


class OlderFeedbackOut(serializers.Serializer[Any]):
    """The feedback as it is stored."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    analysis_id = serializers.UUIDField()
    feedback_status = serializers.ChoiceField(list(Feedback.Outcome))


class Upload(LocalizedView):
    """Recordings of the older app."""

    parser_classes = [RecordingParser]
    permission_classes = [require_permissions(POST="analysis.add_analysis")]
    throttle_scopes = {"POST": "analyses"}
    error_responses = {"POST": ANALYSIS_ERRORS}

    @extend_schema(
        tags=[TAG],
        request=UploadForm,
        parameters=[IDEMPOTENCY_KEY_HEADER],
        responses=UploadOut,
        examples=[UPLOAD, UPLOADED],
    )
    def post(self, request: Request) -> Response:
        """Analyse a recording, in the older app. It is judged before the answer comes."""
        idempotency_key = read_idempotency_key(request)
        form = UploadForm(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data

        device = find_device(fields["device_id"])
        model = choose_model(
            model_id=fields["target_model_id"] or fields["model_id"],
            device=device,
            model_preference=fields["model_preference"],
        )
        with device_for(fields["device_id"], device, model) as device_id:
            analysis = pipeline.analyze(
                fields["file"].read(),
                user=get_current_user(request),
                model_id=model.pk,
                device_id=device_id,
                original_name=fields["file"].name,
                idempotency_key=idempotency_key,
            )
        container = get_container(analysis.recording)
        return Response(
            {
                "success": True,
                "task_id": str(analysis.pk),
                "file_type": container,
                "conversion_applied": container != PLAIN,
            }
        )


class Result(LocalizedView):
    """The result of an upload of the older app."""

    permission_classes = [require_permissions(GET="analysis.view_analysis")]

    @extend_schema(tags=[TAG], responses=ResultOut, examples=[RESULT])
    def get(self, request: Request, task_id: UUID) -> Response:
        """Get the result of an upload, in the older app. Only its owner and staff may read it."""
        readable = Analysis.objects.visible_to(get_current_user(request)).with_related()
        analysis = get_object_or_404(readable, pk=task_id)
        return Response(
            {
                "success": True,
                "task_id": str(analysis.pk),
                "status": "COMPLETED",
                "result": build_result(analysis, request.LANGUAGE_CODE),
                "created_at": analysis.recording.created_at,
                "completed_at": analysis.created_at,
            }
        )


class OlderFeedback(APIView):
    """Feedback of the older app."""

    permission_classes = [require_permissions(POST="analysis.view_analysis")]

    @extend_schema(
        tags=[TAG],
        request=OlderFeedbackForm,
        responses=OlderFeedbackOut,
        examples=[FEEDBACK, FEEDBACK_GIVEN],
    )
    def post(self, request: Request, analysis_id: UUID) -> Response:
        """Set or replace feedback, in the older app. Every reader has their own."""
        reviewer = get_current_user(request)
        analysis = get_object_or_404(Analysis.objects.visible_to(reviewer), pk=analysis_id)
        form = OlderFeedbackForm(data=request.data)
        form.is_valid(raise_exception=True)

        feedback = give_feedback(
            analysis,
            reviewer,
            outcome=form.validated_data["feedback_status"],
            comment=form.validated_data["feedback_comment"] or "",
            is_candidate=form.validated_data["is_retraining_candidate"],
        )
        return Response(
            {
                "success": True,
                "message": "Your feedback is saved.",
                "analysis_id": str(analysis.pk),
                "feedback_status": feedback.verdict,
            }
        )


@transaction.atomic
def give_feedback(
    analysis: Analysis, reviewer: User, *, outcome: str, comment: str, is_candidate: bool
) -> Feedback:
    """Set or replace a reviewer's feedback; the fault code, which this app lacks, stays."""
    before = Feedback.objects.filter(analysis=analysis, reviewer=reviewer).first()
    feedback = Feedback.objects.give(
        analysis,
        reviewer,
        verdict=outcome,
        fault_code=before.fault_code if before else "",
        comment=comment,
    )
    RetrainingCandidate.objects.mark(feedback, is_candidate=is_candidate)
    return feedback


def find_device(device_id: str) -> Device | None:
    """Return the device that is named, None if none is or a new one is to be made for it."""
    if not device_id:
        return None
    is_new = not Device.objects.filter(device_id=device_id).exists()
    if is_new and settings.DEVICES_AUTOCREATE:
        return None
    return Device.objects.get_by_device_id(device_id)


@contextmanager
def device_for(
    device_id: str, device: Device | None, model: RegisteredModel
) -> Iterator[str | None]:
    """Give the device_id of an analysis; make a new device for it, of the model's machine type.

    A recording that is refused leaves no device behind.
    """
    is_new = False
    if device_id and device is None:
        _, is_new = Device.objects.get_or_create(
            device_id=device_id,
            defaults={"name": device_id, "machine_type_id": model.machine_type_id},
        )
    try:
        yield device_id or None
    except SignalCraftError:
        if is_new:
            Device.objects.filter(device_id=device_id, analyses=None).delete()
        raise
