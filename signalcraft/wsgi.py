"""The WSGI entry point that granian serves."""

import os
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from signalcraft.memory import keep_freed_memory


class Utf8Request(WSGIRequest):
    """Reads everything as UTF-8: Django would take any codec's name for a charset, and fail before it can answer."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(
                meta.get("CONTENT_TYPE", "")
            )
        except ValueError:
            # A parameter in a charset that does not exist: as good as no content type.
            meta["CONTENT_TYPE"], self.content_type, self.content_params = "", "", {}


# Before anything loads numpy: requests share the cores already, and BLAS threads that wait for one another there turn
# the milliseconds of an analysis into hundreds.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signalcraft.settings")
keep_freed_memory()
application = get_wsgi_application()
application.request_class = Utf8Request
