"""Paths below /api/v1/."""

from django.urls import path

from registry.api.views import ModelDetail, ModelList

urlpatterns = [
    path("models", ModelList.as_view(), name="models"),
    path("models/<slug:model_id>", ModelDetail.as_view(), name="model"),
]
