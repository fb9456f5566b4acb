"""The tests. Their settings are made here, before Django reads them and before conftest.py."""

import os
import tempfile
from pathlib import Path

import django

# Named here and not in pyproject.toml, where pytest-django would find it too early.
os.environ["DJANGO_SETTINGS_MODULE"] = "signalcraft.settings"
os.environ.setdefault("SECRET_KEY", "a-secret-of-the-tests-that-is-long-enough-for-hs256")
# As in production: BLAS threads that wait for one another turn seconds into minutes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Everything a test writes goes to a folder of this run; the developer's media stay as they are.
MEDIA = tempfile.TemporaryDirectory(prefix="signalcraft-tests-")
os.environ["MEDIA_ROOT"] = MEDIA.name
# Processes that test side by side share a folder of the one that started them.
SHARED = Path(os.environ.setdefault("SHARED_BY_TESTS", MEDIA.name))

django.setup()
