"""Feedback: one a reviewer, changed at will, kept for ever, only where the analysis is readable."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from analysis.models import Device, Feedback, FeedbackRevision
from core.errors import RowIsImmutable
from tests.support.stored_analyses import create_analysis

pytestmark = pytest.mark.django_db
URL = "/api/v1/analyses"
FEEDBACK = "/admin/analysis/feedback/"
ANALYSES = "/admin/analysis/analysis/"


@pytest.fixture
def version(publish):
    return publish("pump_forest")


@pytest.fixture
def analysis(field_engineer, version):
    return create_analysis(field_engineer, version, label="WARNING")


@pytest.fixture
def url(analysis):
    return f"{URL}/{analysis.pk}/feedback"


@pytest.fixture
def desk(client, make_user):
    """A viewer's browser in admin."""
    client.force_login(make_user("viewer", is_staff=True))
    return client


def give(analysis, reviewer, verdict="TRUE_POSITIVE", **content):
    return Feedback.objects.give(analysis, reviewer, verdict=verdict, **content)


def history():
    return [(each.verdict, each.fault_code) for each in FeedbackRevision.objects.order_by("pk")]


# Giving it


def test_feedback_is_answered_and_found_in_the_analysis(api, url, analysis):
    content = {
        "verdict": "TRUE_POSITIVE",
        "fault_code": "bearing",
        "comment": "바깥 링, outer race",
    }
    response = api.put(url, content)
    assert response.status_code == 200
    assert list(response.json()) == ["verdict", "fault_code", "comment", "created_at", "updated_at"]
    assert response.json() | content == response.json()
    assert api.get(f"{URL}/{analysis.pk}").json()["feedback"] == response.json()
    assert api.get(URL).json()["analyses"][0]["feedback"] == response.json()


def test_a_verdict_alone_will_do(api, url):
    content = api.put(url, {"verdict": "IGNORE"}).json()
    assert (content["verdict"], content["fault_code"], content["comment"]) == ("IGNORE", "", "")


def test_new_feedback_replaces_the_old_and_leaves_a_revision(api, url):
    first = api.put(url, {"verdict": "TRUE_POSITIVE", "fault_code": "bearing"}).json()
    second = api.put(url, {"verdict": "FALSE_POSITIVE"}).json()
    assert (second["verdict"], second["fault_code"]) == ("FALSE_POSITIVE", "")
    assert second["created_at"] == first["created_at"] < second["updated_at"]
    assert Feedback.objects.count() == 1
    assert history() == [("TRUE_POSITIVE", "bearing"), ("FALSE_POSITIVE", "")]


def test_the_same_feedback_again_changes_nothing(api, url):
    first = api.put(url, {"verdict": "IGNORE"}).json()
    assert api.put(url, {"verdict": "IGNORE", "comment": ""}).json() == first
    assert len(history()) == 1


def test_a_revision_is_never_changed_or_deleted(analysis, field_engineer):
    revision = give(analysis, field_engineer).revisions.get()
    revision.verdict = "IGNORE"
    with pytest.raises(RowIsImmutable):
        revision.save()
    with pytest.raises(RowIsImmutable):
        revision.delete()
    for sql in (
        "UPDATE analysis_feedbackrevision SET comment = 'forged'",
        "DELETE FROM analysis_feedbackrevision",
    ):
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            connection.cursor().execute(sql)


def test_the_database_refuses_a_second_opinion_of_one_reviewer(analysis, field_engineer):
    give(analysis, field_engineer)
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        Feedback.objects.create(analysis=analysis, reviewer=field_engineer, verdict="IGNORE")


def test_the_database_refuses_a_verdict_that_is_none(analysis, field_engineer):
    with (
        pytest.raises(IntegrityError, match="analysis_feedback_is_a_verdict"),
        transaction.atomic(),
    ):
        Feedback.objects.create(analysis=analysis, reviewer=field_engineer, verdict="MAYBE")


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_of_one_reviewer_leave_one_opinion_and_all_of_its_history(
    analysis, field_engineer
):
    def give_one(n):
        try:
            give(analysis, field_engineer, fault_code=f"code {n}")
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(give_one, range(10)))
    assert len(history()) == 10
    assert Feedback.objects.get().fault_code == history()[-1][1]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({}, "verdict"),
        ({"verdict": "MAYBE"}, "verdict"),
        ({"verdict": "true_positive"}, "verdict"),
        ({"verdict": None}, "verdict"),
        ({"verdict": "IGNORE", "fault_code": "x" * 61}, "fault_code"),
        ({"verdict": "IGNORE", "fault_code": "a\x00b"}, "fault_code"),
        ({"verdict": "IGNORE", "comment": "x" * 2001}, "comment"),
        ({"verdict": "IGNORE", "comment": ["a"]}, "comment"),
        (["IGNORE"], "non_field_errors"),
    ],
)
def test_an_odd_opinion_is_named(api, url, content, field):
    response = api.put(url, content)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert list(response.json()["fields"]) == [field]
    assert not Feedback.objects.exists()


def test_half_a_character_is_no_mistake_of_the_server(api, url):
    response = api.generic("PUT", url, rb'{"verdict": "\ud800"}', content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


# Who


def test_only_who_may_read_the_analysis_gives_feedback(sign_in, make_user, curator, url):
    colleague = sign_in(make_user("field engineer", username="park")).put(
        url, {"verdict": "IGNORE"}
    )
    assert (colleague.status_code, colleague.json()["code"]) == (404, "not_found")
    assert APIClient().put(url, {"verdict": "IGNORE"}).status_code == 401
    assert sign_in(make_user()).put(url, {"verdict": "IGNORE"}).status_code == 403
    assert sign_in(curator).put(url, {"verdict": "IGNORE"}).status_code == 200


def test_each_reader_sees_ones_own(sign_in, field_engineer, curator, analysis, url):
    sign_in(curator).put(url, {"verdict": "FALSE_POSITIVE"})
    read = f"{URL}/{analysis.pk}"
    assert sign_in(field_engineer).get(read).json()["feedback"] is None
    assert sign_in(curator).get(read).json()["feedback"]["verdict"] == "FALSE_POSITIVE"
    sign_in(field_engineer).put(url, {"verdict": "IGNORE"})
    assert sign_in(field_engineer).get(read).json()["feedback"]["verdict"] == "IGNORE"
    assert sign_in(curator).get(read).json()["feedback"]["verdict"] == "FALSE_POSITIVE"


def test_an_analysis_that_is_not_there_has_no_feedback(api):
    assert (
        api.put(
            f"{URL}/00000000-0000-0000-0000-000000000000/feedback", {"verdict": "IGNORE"}
        ).status_code
        == 404
    )


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_feedback_is_put_and_nothing_else(api, url, method):
    assert getattr(api, method)(url).status_code == 405


# Admin


def test_feedback_is_seen_and_filtered_in_admin(desk, field_engineer, curator, version, publish):
    right = give(
        create_analysis(field_engineer, version, label="WARNING"), curator, fault_code="bearing"
    )
    wrong = give(
        create_analysis(field_engineer, version, label="CRITICAL"),
        curator,
        verdict="FALSE_POSITIVE",
    )
    other = give(create_analysis(field_engineer, publish("other")), curator, verdict="IGNORE")

    def shown(**query):
        page = desk.get(FEEDBACK, query).content.decode()
        return {each for each in (right, wrong, other) if f"{FEEDBACK}{each.pk}/change/" in page}

    assert shown() == {right, wrong, other}
    assert shown(verdict__exact="FALSE_POSITIVE") == {wrong}
    assert shown(analysis__label__exact="WARNING") == {right}
    assert shown(model="other") == {other}
    assert shown(q="bearing") == {right}


def test_earlier_feedback_is_shown_in_admin(desk, analysis, curator):
    feedback = give(analysis, curator, comment="cavitation, I think")
    give(analysis, curator, comment="no, a bearing")
    page = desk.get(f"{FEEDBACK}{feedback.pk}/change/").content.decode()
    assert page.index("no, a bearing") < page.index("cavitation, I think")


def test_analyses_are_filtered_by_what_people_found(
    desk, analysis, field_engineer, curator, version
):
    give(analysis, curator)
    give(analysis, field_engineer)
    other = create_analysis(field_engineer, version)
    page = desk.get(ANALYSES, {"feedbacks__verdict__exact": "TRUE_POSITIVE"}).content.decode()
    assert page.count(f"{ANALYSES}{analysis.pk}/change/") == 1
    assert str(other.pk) not in page
    assert "TRUE_POSITIVE" in desk.get(f"{ANALYSES}{analysis.pk}/change/").content.decode()


def test_not_even_a_superuser_writes_feedback_for_another(client, make_user, analysis, curator):
    feedback = give(analysis, curator)
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert client.get(f"{FEEDBACK}add/").status_code == 403
    assert client.get(f"{FEEDBACK}{feedback.pk}/delete/").status_code == 403
    assert client.post(f"{FEEDBACK}{feedback.pk}/change/", {"verdict": "IGNORE"}).status_code == 403


@pytest.mark.parametrize("page", [FEEDBACK, ANALYSES])
def test_a_list_costs_the_same_queries_however_long(
    desk,
    field_engineer,
    curator,
    publish,
    page,
    django_assert_max_num_queries,
    django_assert_num_queries,
):
    def add(n):
        device = Device.objects.create(device_id=f"pump-{n}", name="Pump", machine_type_id="pump")
        analysis = create_analysis(field_engineer, publish(f"model{n}"), device=device)
        give(analysis, curator)
        give(analysis, field_engineer)

    add(0)
    with django_assert_max_num_queries(20) as first:
        desk.get(page)
    for n in range(1, 6):
        add(n)
    with django_assert_num_queries(len(first)):
        desk.get(page)


def test_an_api_list_costs_the_same_queries_however_much_feedback(
    api, field_engineer, curator, version, django_assert_num_queries
):
    for n in range(3):
        analysis = create_analysis(field_engineer, version, age=n)
        give(analysis, curator)
        give(analysis, field_engineer)
        with django_assert_num_queries(4):
            assert len(api.get(URL).json()["analyses"]) == n + 1
