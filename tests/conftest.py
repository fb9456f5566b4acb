"""What every test needs: settings for tests, set before Django reads them."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "a-secret-of-the-tests-that-is-long-enough-for-hs256")
# Everything a test writes goes to a folder of this run; the developer's media stay as they are.
_media = tempfile.TemporaryDirectory(prefix="signalcraft-tests-")
os.environ["MEDIA_ROOT"] = _media.name
