"""Every address of the server."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from signalcraft import api, field_app, health, telemetry
from signalcraft.pages.door import front_door

admin.site.site_header = admin.site.site_title = "SignalCraft"
admin.site.site_url = "/app/"
# Its lists are wide, and the way back stands above them.
admin.site.enable_nav_sidebar = False

urlpatterns = [
    # Whoever comes without an address is a person with a browser.
    path("", front_door, name="front_door"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("accounts.urls")),
    # models/match is no model's address.
    path("api/v1/", include("analysis.urls")),
    path("api/v1/", include("registry.urls")),
    path("api/", include("older_app.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(), name="docs"),
    path("favicon.ico", RedirectView.as_view(url="/app/favicon.ico")),  # what browsers ask for
    path("app", RedirectView.as_view(url="/app/")),
    path("app/", field_app.field_app, {"path": ""}, name="field_app"),
    path("app/<path:path>", field_app.field_app),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", telemetry.metrics),
    # Last: every other address of the API gets a JSON answer.
    re_path(r"^api(?:/|$)", api.unknown_url),
]

handler400 = "signalcraft.pages.problems.bad_request"
handler403 = "signalcraft.pages.problems.permission_denied"
handler404 = "signalcraft.pages.problems.not_found"
handler500 = "signalcraft.pages.problems.server_error"
