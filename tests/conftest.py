"""The people and models that tests speak of, and a place of its own for what each test writes."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from django.db.backends.base.operations import BaseDatabaseOperations
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User
from analysis.loading import load
from core.triggers import drop_triggers
from registry import storage
from registry.cache import model_cache
from registry.models import NewModel, NewVersion, RegisteredModel
from tests import MEDIA
from tests.support import order
from tests.support.admin_desk import desk, editor, visitor  # noqa: F401  # fixtures
from tests.support.browser import browse, chromium  # noqa: F401  # fixtures
from tests.support.postgresql import postgresql, postgresql_server  # noqa: F401  # fixtures
from tests.support.training_by_command import (  # noqa: F401  # fixtures
    detector_type,
    recordings,
    train,
)

# Seeded: a counterexample found by chance would fail somebody else's run.
same = hypothesis_settings(derandomize=True, deadline=None, database=None)
hypothesis_settings.register_profile("same", parent=same)
hypothesis_settings.register_profile("quick", parent=same, max_examples=20)
hypothesis_settings.load_profile("same")


def pytest_itemcollected(item):
    order.mark(item)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if hasattr(config, "workerinput"):
        items.sort(key=order.place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return order.FileScheduling(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Test on a database file: in memory, threads and processes cannot meet."""
    database = connections["default"].settings_dict
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(Path(MEDIA.name) / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def tests_that_commit_empty_the_log_too():
    """Let the database be emptied between them, which the triggers would refuse."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_without_triggers(operations, sql_list):
        drop_triggers(operations.connection.alias)
        flush(operations, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_without_triggers)
        yield


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Each test stores its files in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "static").mkdir()  # whitenoise warns where there is none
    settings.STATIC_ROOT = tmp_path / "static"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    folder = {"BACKEND": "registry.storage.WriteOnceStorage"}
    settings.STORAGES = settings.STORAGES | {
        name: folder | {"OPTIONS": {"location": str(tmp_path / name)}}
        for name in ("artifacts", "recordings")
    }
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": str(tmp_path / "cache.sqlite3")}
    }
    settings.LIMITS = {}  # tests are quicker than people
    model_cache.clear()  # a rolled back key is given again
    return tmp_path


@pytest.fixture
def make_user(db):
    """Make a user of a role group."""

    def make(role=None, **columns):
        name = columns.setdefault("username", role or "nobody")
        columns.setdefault("email", f"{name.replace(' ', '.')}@plant.example")
        user = User.objects.create_user(password="correct horse battery", **columns)
        if role:
            user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def field_engineer(make_user):
    return make_user("field engineer")


@pytest.fixture
def curator(make_user):
    return make_user("curator", is_staff=True)


@pytest.fixture
def sign_in():
    """Make an API client that sends the bearer token of a user."""

    def client_of(user):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
        return client

    return client_of


@pytest.fixture
def api(sign_in, field_engineer):
    """The app of a field engineer, signed in."""
    return sign_in(field_engineer)


@pytest.fixture
def publish(db):
    """Publish a version of a model, with bytes that stand for a detector."""

    def publish_version(
        model_id="pump_a",
        *,
        type="level2_autoencoder",
        machine_type="pump",
        content=b"a detector",
        sidecar=b"{}",
        serve=True,
        by=None,
        **columns,
    ):
        files = [
            storage.ArtifactFile("exchange", "detector.pth", b"an exchange form"),
            storage.ArtifactFile("serving", "detector.npz", content),
            storage.ArtifactFile("sidecar", "detector_meta.json", sidecar),
        ]
        version = NewVersion(
            **{
                "files": storage.write_files(model_id, files),
                "dataset_path": "recordings/normal",
                "dataset_fingerprint": "0" * 64,
                "sample_count": 40,
                "parameters": {"epochs": 3},
                "metrics": {"auc": 0.97},
            }
            | columns
        )
        model = NewModel(id=model_id, type=type, machine_type=machine_type)
        return RegisteredModel.objects.publish(model, version, serve=serve, by=by)

    return publish_version


@pytest.fixture(scope="session")
def pump_artifact():
    """The serving form of a detector that really listens."""
    from tests.support import trained_pump

    return trained_pump.train()


@pytest.fixture
def pump_version(publish, pump_artifact):
    """A version that really listens, behind an empty cache: a rolled back key is given again."""
    model_cache.clear()
    return publish("pump_forest", type="level1_isolation_forest", content=pump_artifact)


@pytest.fixture
def uncalibrated_version(pump_version, monkeypatch):
    """A version whose artifact brings no calibration."""
    loaded = load(pump_version)
    bare = replace(loaded, artifact=replace(loaded.artifact, calibration=None))
    monkeypatch.setattr(model_cache, "get_or_load", lambda key, load, **options: bare)
    return pump_version
