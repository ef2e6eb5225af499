"""Every route: each app's own under /api/v1/, the pages at /."""

from csp.decorators import csp_update
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from marketplace.config import api

handler404 = "marketplace.config.problems.not_found"
handler500 = "marketplace.config.problems.server_error"
handler403 = "marketplace.config.problems.forbidden"
handler400 = "marketplace.config.problems.bad_request"

# The schema browser carries a style element of its own.
docs = csp_update({"style-src": ["'self'", "'unsafe-inline'"]})(
    SpectacularSwaggerSplitView.as_view(url_name="schema")
)

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", api.HealthView.as_view()),
    path("network", api.NetworkView.as_view()),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", docs, name="docs"),
    path("", include("marketplace.accounts.urls")),
    path("", include("marketplace.providers.urls")),
    path("", include("marketplace.matching.urls")),
    path("", include("marketplace.bidding.urls")),
    path("", include("marketplace.designs.urls")),
    path("", include("marketplace.jobs.urls")),
    path("", include("marketplace.escrow.urls")),
    path("", include("marketplace.evidence.urls")),
]

urlpatterns = [
    path("api/v1/", include(api_urlpatterns)),
    path("", include("marketplace.pages.urls")),
]
