"""A curator's day in the admin, in a real browser; what a field engineer cannot do there."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from analysis.loading import detector_for
from analysis.models import CalibrationRecord, Device, Feedback
from registry.models import Promotion, RegisteredModel
from tests.support.browser import picture
from tests.support.stored_analyses import create_analysis
from training.models import Evaluation, TrainingRun

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"


METRICS = [
    {"auc": 0.9412, "false_alarm_rate": 0.04, "detection_rate": 0.81, "final_loss": 0.412},
    {"auc": 0.9127, "false_alarm_rate": 0.12, "detection_rate": 0.84, "final_loss": 0.388},
]
DATASETS = ["recordings/pump7/june", "recordings/pump7/july"]


@pytest.fixture
def plant(publish, pump_artifact, curator, make_user):
    """Three models of pumps, one with a history, and a fan."""
    versions = [
        publish("pump_hall_3", content=pump_artifact, by=curator, **describe_training(n))
        for n in range(len(METRICS))
    ]
    for n, version in enumerate(versions):
        create_run(version, n)
    create_analyses(curator, versions[-1])

    first = publish("pump_hall_4", content=pump_artifact, by=curator)
    first.registered_model.make_default(by=curator, why="first one")
    publish("pump_candidate", content=pump_artifact, serve=False)
    publish("fan_roof", machine_type="fan", content=pump_artifact)


def describe_training(n):
    """What version n + 1 keeps of its training."""
    return {
        "metrics": METRICS[n],
        "parameters": {
            "epochs": 20 + 30 * n,
            "learning_rate": 0.001,
            "objective": "reconstruction",
        },
        "dataset_path": DATASETS[n],
        "dataset_fingerprint": f"{n}" * 64,
        "library_versions": {"numpy": "2.4.6", "torch": f"2.{12 + n}.0"},
    }


def create_run(version, n):
    epochs = [
        {
            "phase": phase,
            "epoch": epoch,
            "loss": 1 / (epoch + 1) + 0.1 * fold,
            "validation_loss": None,
        }
        for fold, phase in enumerate(["final", "fold 1", "fold 2"])
        for epoch in range(20 + 30 * n)
    ]
    TrainingRun.objects.create(
        version=version, state="succeeded", model_id="pump_hall_3", seed=n, epochs=epochs
    )


def create_analyses(owner, version):
    for label, count in {"NORMAL": 16, "WARNING": 3, "CRITICAL": 1}.items():
        for _ in range(count):
            analysis = create_analysis(owner, version, label=label)
            recently = timezone.now() - timedelta(hours=analysis.recording.pk.int % 100)
            type(analysis).objects.filter(pk=analysis.pk).update(created_at=recently)


def sign_in(window, email):
    window.get_by_label("E-mail address").fill(email)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Log in").click()


def decide(window, button, why):
    """Press a button of a model's page, give the reason, say yes."""
    window.get_by_role("button", name=button, exact=True).first.click()
    window.get_by_label("Reason").fill(why)
    window.locator(".confirmation input[type=submit]").click()


def test_a_curators_day(browse, plant, curator):
    window = browse()
    picture(window, "1-sign-in")
    sign_in(window, curator.email)
    picture(window, "2-home")

    find_the_pump_models(window)
    compare_the_versions(window)
    roll_back(window)
    decide(window, "Make default", "quietest in hall 3")
    expect(window.get_by_text("pump_hall_3 is now the default.")).to_be_visible()

    read_the_log(window, curator)
    look_up_what_served(window)

    model = RegisteredModel.objects.get_by_id("pump_hall_3")
    assert (model.serving_version.number, model.is_default) == (1, True)
    assert Promotion.objects.filter(by=curator, why="v2 cries wolf").exists()


def find_the_pump_models(window):
    window.get_by_role("link", name="Registered models").first.click()
    window.locator("#changelist-filter").get_by_role("link", name="Pump").click()
    expect(window.locator("#result_list tbody tr")).to_have_count(3)
    expect(window.get_by_text("fan_roof")).to_have_count(0)
    picture(window, "3-pump-models")


def compare_the_versions(window):
    window.get_by_role("link", name="pump_hall_3").click()
    expect(window.get_by_role("heading", name="Side by side")).to_be_visible()
    expect(window.locator("tr.differs", has_text="auc").locator("td")).to_have_text(
        ["0.9127", "0.9412"]
    )
    expect(window.locator("svg.chart")).to_have_count(4)
    picture(window, "4-model-compared")
    window.emulate_media(color_scheme="dark")
    picture(window, "4-model-compared-in-the-dark")
    window.emulate_media(color_scheme="light")


def roll_back(window):
    window.get_by_role("button", name="Roll back to v1").click()
    expect(window.locator(".confirmation")).to_contain_text("v1 will serve instead of v2.")
    picture(window, "5-roll-back-asks-why")
    window.locator(
        ".confirmation input[type=submit]"
    ).click()  # without a reason the browser keeps one here
    window.get_by_label("Reason").fill("v2 cries wolf")
    window.locator(".confirmation input[type=submit]").click()
    expect(window.get_by_text("Version pump_hall_3 v1 serves again.")).to_be_visible()
    picture(window, "6-rolled-back")


def read_the_log(window, curator):
    window.get_by_role("link", name="All decisions about pump_hall_3").click()
    rows = window.locator("#result_list tbody tr")
    expect(rows.filter(has_text="Roll Back").filter(has_text="v2 cries wolf")).to_contain_text(
        curator.email
    )
    expect(rows.filter(has_text="Make Default")).to_contain_text("quietest in hall 3")
    picture(window, "7-log")


def look_up_what_served(window):
    moment = timezone.localtime() + timedelta(minutes=1)
    window.get_by_label("what served at").fill(f"{moment:%Y-%m-%dT%H:%M}")
    window.get_by_role("button", name="Look up").click()
    expect(window.locator("#result_list tbody tr")).to_have_count(1)
    expect(window.locator("#result_list")).to_contain_text("v1")
    picture(window, "8-what-served-at")
    with window.expect_download() as download:
        window.get_by_role("link", name="Export as CSV").click()
    assert "v2 cries wolf" in download.value.path().read_text(encoding="utf-8-sig")


def test_a_protected_model_takes_two(browse, plant, curator, make_user):
    colleague = make_user("curator", username="colleague", is_staff=True)
    first = browse()
    second = browse()
    for window, user in [(first, curator), (second, colleague)]:
        sign_in(window, user.email)
        window.goto("/admin/registry/registeredmodel/pump_hall_4/change/")
    decide(first, "Protect", "in use day and night")
    first.get_by_role("button", name="Deactivate").click()
    picture(first, "9-protected-asks-for-two")
    first.get_by_label("Reason").fill("out of order")
    first.locator(".confirmation input[type=submit]").click()
    picture(first, "10-proposed")
    second.reload()
    second.get_by_role("link", name="decide").click()
    second.locator("#result_list input[type=checkbox]").first.check()
    second.locator("select[name=action]").select_option("approve")
    second.get_by_role("button", name="Go").click()
    second.get_by_label("Reason").fill("agreed")
    picture(second, "11-approval-asks-why")
    second.locator(".confirmation input[type=submit]").click()
    picture(second, "12-approved")
    model = RegisteredModel.objects.get_by_id("pump_hall_4")
    assert (model.is_active, Promotion.objects.first().approved_by) == (False, colleague)


def test_a_field_engineer_cannot(browse, plant, make_user, field_engineer):
    outside = browse()
    sign_in(outside, field_engineer.email)
    expect(outside.get_by_text("This account may not open the admin")).to_be_visible()
    picture(outside, "13-field-engineer-stays-outside")

    inside = browse()
    sign_in(inside, make_user("field engineer", username="inside", is_staff=True).email)
    inside.goto("/admin/registry/registeredmodel/pump_hall_3/change/")
    picture(inside, "14-field-engineer-looks")
    for button in ["Roll back to v1", "Make default", "Serve", "Archive", "Protect", "Save"]:
        assert inside.get_by_role("button", name=button, exact=True).count() == 0
    assert inside.goto("/admin/registry/promotion/").status == 403
    assert RegisteredModel.objects.get_by_id("pump_hall_3").serving_version.number == 2


@pytest.fixture
def full_lists(plant, curator, make_user):
    """Every list with what is long in it."""
    version = RegisteredModel.objects.get(pk="pump_hall_3").serving_version
    device = Device.objects.create(
        device_id="feed-pump-hall-3-line-12",
        name="Feed pump of line 12 in hall 3",
        machine_type_id="pump",
    )
    analysis = create_analysis(curator, version, label="WARNING", device=device)
    Feedback.objects.give(
        analysis, curator, verdict="FALSE_POSITIVE", comment="Only the compressor beside it."
    )
    calibration = detector_for(version).calibration
    CalibrationRecord.record(
        calibration, version=version, device=device, by=curator, why="A new microphone. " * 5
    )
    model = version.registered_model
    model.protect(by=curator, why="in use day and night")
    colleague = make_user("curator", username="colleague.of.a.long.name", is_staff=True)
    model.decide("make_default", by=curator, why="the best we have " * 5).approve(
        by=colleague, why="heard it too " * 5
    )
    model.decide("deactivate", by=curator, why="out of order " * 9)
    figure = {"value": 0.9127, "low": 0.85, "high": 0.96}
    figures = dict.fromkeys(["auc", "false_alarm_rate", "detection_rate"], figure)
    Evaluation.objects.create(version=version, metrics=figures | {"warnings": []})


LISTS = [
    *[
        "registry/registeredmodel",
        "registry/modelversion",
        "registry/promotion",
        "registry/proposal",
    ],
    *["analysis/analysis", "analysis/feedback", "analysis/device", "analysis/calibrationrecord"],
    *["training/trainingrun", "training/evaluation"],
]


def test_nothing_is_cut_in_a_window_of_1280_pixels(browse, full_lists, curator):
    window = browse()
    sign_in(window, curator.email)
    versions = RegisteredModel.objects.get(pk="pump_hall_3").versions.all()
    pages = [
        *LISTS,
        "registry/registeredmodel/pump_hall_3/change",
        f"registry/modelversion/{versions[0].pk}/change",
    ]
    for page in pages:
        window.goto(f"/admin/{page}/")
        picture(window, f"15-{page.replace('/', '-')}")
        assert window.evaluate(CUT) == [], page


CUT = """() => [document.documentElement, ...document.querySelectorAll(".results, .scroll")]
    .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.className)"""
