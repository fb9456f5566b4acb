"""The registry's API: the models that the app may pick."""

from typing import Any

from django.db.models import Prefetch
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from django.views.decorators.vary import vary_on_headers
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

from accounts.permissions import require_permissions
from registry.api.examples import LISTED_MODEL, MODEL
from registry.api.serializers import ModelFilter, ModelOut, ModelWithVersions
from registry.errors import ModelInactive, NoServingVersion, UnknownModel
from registry.models import ModelVersion, RegisteredModel, RegisteredModelQuerySet
from registry.models.figures import annotate_figures

MAX_VERSIONS = 100
# The app stores the answer and asks each time whether it still holds; then it gets a 304.
CACHE_HEADERS = [
    cache_control(private=True, no_cache=True),
    vary_on_headers("Authorization"),
    conditional_page,
]


class ModelPages(PageNumberPagination):
    """Pages of {models, next}."""

    page_size = max_page_size = 500
    page_size_query_param = "page_size"
    page_size_query_description = "Models a page, at most 500."

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"models": data, "next": self.get_next_link()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        next_link = {"type": "string", "format": "uri", "nullable": True, "example": None}
        properties = {"models": schema, "next": next_link}
        return {"type": "object", "required": ["models", "next"], "properties": properties}


@method_decorator(CACHE_HEADERS, "get")
@extend_schema_view(get=extend_schema(parameters=[ModelFilter], examples=[LISTED_MODEL]))
class ModelList(ListAPIView[RegisteredModel]):
    """List models. Only those that may be picked, defaults first; unchanged since the ETag: 304."""

    permission_classes = [require_permissions(GET="registry.view_registeredmodel")]
    serializer_class = ModelOut
    pagination_class = ModelPages

    def get_queryset(self) -> RegisteredModelQuerySet:
        # `?level=` asks for all levels; which page it is concerns the paginator.
        of_pages = {ModelPages.page_query_param, ModelPages.page_size_query_param}
        params = {
            name: value
            for name, value in self.request.query_params.items()
            if value and name not in of_pages
        }
        query = ModelFilter(data=params)
        query.is_valid(raise_exception=True)
        models = RegisteredModel.objects.selectable().suitable_for(**query.validated_data)
        return models.with_serving_version()


@extend_schema_view(get=extend_schema(examples=[MODEL]))
class ModelDetail(RetrieveAPIView[RegisteredModel]):
    """Get a model. Its versions that can serve come with it, newest first."""

    permission_classes = [require_permissions(GET="registry.view_registeredmodel")]
    serializer_class = ModelWithVersions
    error_responses = {"GET": [UnknownModel, ModelInactive, NoServingVersion]}

    def get_object(self) -> RegisteredModel:
        models = RegisteredModel.objects.with_serving_version()
        models = models.prefetch_related(prefetch_latest_versions())
        model = models.get_by_id(self.kwargs["model_id"])
        model.get_version_to_serve()
        return model


def prefetch_latest_versions() -> Prefetch:
    """Fetch the newest versions that are not archived, with their figures and files."""
    available = ModelVersion.objects.filter(archived_at=None).order_by("-number")
    versions = annotate_figures(available).prefetch_related("files")
    return Prefetch("versions", versions[:MAX_VERSIONS], to_attr="latest_versions")
