"""manage.py train_mahalanobis: one file, both forms at once, served like any other level."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from registry.models import RegisteredModel
from tests.support.training_by_command import only_version

pytestmark = pytest.mark.django_db


def test_train_mahalanobis_publishes_one_npz_that_is_both_forms(train):
    printed = train("train_mahalanobis")
    version = only_version()
    assert "Registered pump_mahalanobis_v1 v1" in printed
    assert {file.role: file.name for file in version.files.all()} == {
        "serving": "pump_mahalanobis_v1.npz",
        "sidecar": "pump_mahalanobis_v1_meta.json",
    }
    assert version.file_name == "pump_mahalanobis_v1.npz"
    assert RegisteredModel.objects.get().level == 3


def test_the_name_of_a_serving_form_ends_in_npz(train):
    with pytest.raises(CommandError, match=r"must end in \.npz"):
        train("train_mahalanobis", output_name="pump_mahalanobis.pkl")
    assert not RegisteredModel.objects.exists()


def test_level_three_has_no_use_for_an_accelerator(recordings):
    with pytest.raises(CommandError, match="trains on the CPU"):
        call_command("train_mahalanobis", data_dir=recordings / "train_normal", accelerator="cuda")
