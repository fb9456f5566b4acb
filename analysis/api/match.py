"""API view that finds the model for a machine that is not registered."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require_permissions
from analysis import errors
from analysis.api.examples import MATCHES, UNKNOWN_MACHINE
from analysis.api.fields import RecordingField
from analysis.api.uploads import RecordingParser
from analysis.matching import match
from analysis.models import Analysis
from registry.api.serializers import ModelOut


class MatchRequest(serializers.Serializer[Any]):
    """A recording of a machine, and its machine type if it is known."""

    file = RecordingField()
    device_type = serializers.CharField(
        required=False,
        max_length=50,
        help_text="The slug of a machine type, to ask only its models.",
    )


class MatchOut(serializers.Serializer[Any]):
    """The result of one model, the same as that of an analysis without a device."""

    model = ModelOut()
    p_value = serializers.FloatField()
    score = serializers.FloatField()
    anomaly_score = serializers.FloatField()
    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field of this name
        choices=Analysis.Label.choices
    )
    warnings = serializers.ListField(
        child=serializers.CharField(),
        help_text="maybe_other_machine: the recording may be of another machine.",
    )


class UnavailableOut(serializers.Serializer[Any]):
    """A model that could not judge the recording."""

    model_id = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class MatchesOut(serializers.Serializer[Any]):
    """The results of all models that were asked, best match first."""

    matches = MatchOut(many=True)
    suggestion = serializers.CharField(
        allow_null=True,
        help_text=(
            "The id of the best match that says NORMAL and knows this machine; null: none does."
        ),
    )
    is_none_of_these = serializers.BooleanField(
        help_text="Whether all of them say that the recording may be of another machine."
    )
    unavailable = UnavailableOut(many=True)
    left_out = serializers.IntegerField(
        source="n_left_out",
        help_text="Models that were not asked: 200 are, defaults first. Name a device_type.",
    )


class ModelMatch(APIView):
    """Find the model for a machine."""

    parser_classes = [RecordingParser]
    permission_classes = [require_permissions(POST="analysis.add_analysis")]
    throttle_scopes = {"POST": "analyses"}
    error_responses = {"POST": errors.RecordingRefused.__subclasses__()}

    @extend_schema(request=MatchRequest, responses=MatchesOut, examples=[UNKNOWN_MACHINE, MATCHES])
    def post(self, request: Request) -> Response:
        """Find the model for a machine.

        Every model on offer judges the recording, and they are ranked by how typical it is of
        their normal recordings, those of what may be another machine last; of equals the default
        comes first. Nothing is stored.
        """
        form = MatchRequest(data=request.data)
        form.is_valid(raise_exception=True)
        params = dict(form.validated_data)
        content = params.pop("file").read()
        return Response(MatchesOut(match(content, **params)).data)
