"""Versions in admin: served, archived, restored, and read."""

import pytest

from registry.models import ModelVersion, RegisteredModel
from tests.support.admin_desk import (
    VERSIONS,
    confirm_action,
    get_page,
    list_messages,
)

pytestmark = pytest.mark.django_db


def test_an_earlier_version_is_put_back_from_the_list(desk, publish):
    first = publish("pump_a")
    publish("pump_a")
    response = confirm_action(desk, VERSIONS, "serve", first, why="v2 cries wolf")
    assert list_messages(response) == [("success", "Version pump_a v1 is now serving.")]
    assert RegisteredModel.objects.get_by_id("pump_a").serving_version == first


def test_two_versions_of_a_model_cannot_both_serve(desk, publish):
    first = publish("pump_a")
    second = publish("pump_a", serve=False)
    response = confirm_action(desk, VERSIONS, "serve", first, second)
    assert [level for level, _ in list_messages(response)] == ["error"]
    assert RegisteredModel.objects.get_by_id("pump_a").serving_version == first


def test_versions_are_archived_and_restored_unless_they_serve(desk, publish):
    old = publish("pump_a")
    serving = publish("pump_a")
    levels = [
        level for level, _ in list_messages(confirm_action(desk, VERSIONS, "archive", old, serving))
    ]
    assert sorted(levels) == ["error", "success"]
    assert list_messages(confirm_action(desk, VERSIONS, "serve", old))[-1][0] == "error"
    confirm_action(desk, VERSIONS, "restore", old)
    assert not ModelVersion.objects.exclude(archived_at=None).exists()


def test_metrics_and_parameters_read_as_a_table(desk, publish):
    version = publish(
        metrics={"auc": 0.97123456, "detection_rate": None, "parity": {"has_flips": False}},
        parameters={"layers": [128, 8], "losses": [0.5] * 50, "name": "<script>"},
    )
    text = get_page(desk, f"{VERSIONS}{version.pk}/change/")
    assert "<tr><th>auc</th><td>0.9712</td></tr>" in text
    assert "<tr><th>detection rate</th><td>–</td></tr>" in text
    assert "<tr><th>parity: has flips</th><td>no</td></tr>" in text
    assert "<tr><th>layers</th><td>128, 8</td></tr>" in text
    assert "... (50 in all)" in text
    assert "&lt;script&gt;" in text
    assert version.find_file("serving").sha256 in text


def test_a_version_says_what_changed_since_the_one_before(desk, publish):
    versions = [
        publish("pump_a", dataset_fingerprint=digit * 64, parameters={"epochs": 3})
        for digit in "011"
    ]
    texts = [get_page(desk, f"{VERSIONS}{version.pk}/change/") for version in versions]
    assert "This is the first version." in texts[0]
    assert (
        f"<tr><th>fingerprint</th><td><code>{'0' * 16}</code> → <code>{'1' * 16}</code></td></tr>"
        in texts[1]
    )
    assert "Nothing." in texts[2]
