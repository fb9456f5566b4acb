"""The HTTP side of finding the model for a machine that nobody here knows."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require_permissions
from analysis import errors
from analysis.api.examples import MATCHES, UNKNOWN_MACHINE
from analysis.api.serializers import RecordingField
from analysis.api.uploads import RecordingParser
from analysis.matching import match
from analysis.models import Analysis
from registry.api.serializers import ModelOut


class MatchRequest(serializers.Serializer[Any]):
    """A recording of a machine, and perhaps what kind of machine it is."""

    file = RecordingField()
    device_type = serializers.CharField(
        required=False,
        max_length=50,
        help_text="The slug of a machine type: only its models are asked.",
    )


class MatchOut(serializers.Serializer[Any]):
    """How normal the recording is to one model, as its analysis for no device would say."""

    model = ModelOut()
    p_value = serializers.FloatField()
    score = serializers.FloatField()
    anomaly_score = serializers.FloatField()
    label = serializers.ChoiceField(choices=Analysis.Label.choices)


class UnavailableOut(serializers.Serializer[Any]):
    """A model that could not be asked."""

    model_id = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class MatchesOut(serializers.Serializer[Any]):
    """The models that were asked, the one to which the recording is most normal first."""

    matches = MatchOut(many=True)
    suggestion = serializers.CharField(
        allow_null=True,
        help_text="The id of the first model to which it is NORMAL; null: none of these.",
    )
    unavailable = UnavailableOut(many=True)
    left_out = serializers.IntegerField(
        source="n_left_out",
        help_text="Models beyond the 200 that are asked, defaults first; name a device_type.",
    )


class ModelMatch(APIView):
    """Find the model for a machine."""

    parser_classes = [RecordingParser]
    permission_classes = [require_permissions(POST="analysis.add_analysis")]
    throttle_scopes = {"POST": "analyses"}
    error_responses = {"POST": errors.RecordingRefused.__subclasses__()}

    @extend_schema(request=MatchRequest, responses=MatchesOut, examples=[UNKNOWN_MACHINE, MATCHES])
    def post(self, request: Request) -> Response:
        """Rank the models by how normal a recording is to each.

        By p-value, then by how far the score is from the model's thresholds; of equals the default is first. Nothing is
        kept.
        """
        form = MatchRequest(data=request.data)
        form.is_valid(raise_exception=True)
        asked = dict(form.validated_data)
        return Response(MatchesOut(match(asked.pop("file").read(), **asked)).data)
