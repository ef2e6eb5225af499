"""Routes under /api/v1/."""

from django.urls import path

from marketplace.evidence import api

urlpatterns = [
    path("agreements/<str:agreement>/evidence", api.EvidenceView.as_view(), name="evidence"),
    path("agreements/<str:agreement>/bundle", api.BundleView.as_view(), name="bundle"),
]
