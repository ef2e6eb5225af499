from django.urls import path

from marketplace.matching.api import JobMatchesView

urlpatterns = [path("jobs/<uuid:job>/matches", JobMatchesView.as_view(), name="job-matches")]
