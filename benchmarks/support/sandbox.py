"""An empty SignalCraft for one benchmark: a new database and media folder, a signed-in engineer."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.management import call_command

from bootstrap import MALLOC_SETTINGS

if TYPE_CHECKING:
    from rest_framework.test import APIClient

    from registry.models import ModelVersion

ROOT = Path(__file__).resolve().parents[2]
# One thread each: more would wait for one another where the machine does other work too. Memory as
# in a web worker, whether a commit sets that in the process or where the server is started.
SETTINGS = MALLOC_SETTINGS | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def make_environment(media: str | Path) -> dict[str, str]:
    """Return the environment variables of a process that keeps all it writes in one folder."""
    return {
        "DJANGO_SETTINGS_MODULE": "signalcraft.settings",
        "MEDIA_ROOT": str(media),
        "DATABASE_URL": f"sqlite:///{media}/benchmark.sqlite3",
        "SECRET_KEY": "a-secret-of-one-benchmark-that-is-long-enough",
        "ALLOWED_HOSTS": "testserver",
        "LOG_LEVEL": "ERROR",
        "LIMIT_ANALYSES_PER_USER": "off",
        "LIMIT_ANALYSES_PER_ADDRESS": "off",
    }


@contextmanager
def check_out(commit: str, repository: Path = ROOT) -> Iterator[Path]:
    """Give a folder with the files of a commit; it is gone afterwards, and git knows that."""
    git = ["git", "-C", str(repository), "worktree"]
    with tempfile.TemporaryDirectory(prefix="signalcraft-commit-") as folder:
        tree = Path(folder, "tree")
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


@contextmanager
def open_sandbox() -> Iterator["APIClient"]:
    """Set Django up on an empty registry and give a client that may analyse."""
    with tempfile.TemporaryDirectory(prefix="signalcraft-benchmark-") as media:
        os.environ |= make_environment(media)
        django.setup()
        call_command("migrate", verbosity=0)
        yield sign_in_engineer()


def sign_in_engineer() -> "APIClient":
    """Create a field engineer and return a client that is signed in as that user."""
    # Django's models and what uses them can be imported only once it is set up.
    from django.contrib.auth.models import Group
    from rest_framework.test import APIClient

    from accounts.models import User

    engineer = User.objects.create_user("engineer", "engineer@plant.example", "not used")
    engineer.groups.add(Group.objects.get(name="field engineer"))
    client = APIClient()
    client.force_authenticate(engineer)
    return client


def make_access_token() -> str:
    """Return the token that the engineer's app sends with each request."""
    from rest_framework_simplejwt.tokens import AccessToken

    from accounts.models import User

    return str(AccessToken.for_user(User.objects.get()))


def get_serving_version(model_id: str) -> "ModelVersion":
    """Return the version that serves for a model."""
    from registry.models import RegisteredModel

    return RegisteredModel.objects.get_by_id(model_id).get_version_to_serve()
