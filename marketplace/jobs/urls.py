from django.urls import path

from marketplace.jobs import api

urlpatterns = [
    path("jobs", api.JobsView.as_view(), name="jobs"),
    path("jobs/<uuid:job>", api.JobView.as_view(), name="job"),
    path("jobs/<uuid:job>/spec", api.JobSpecView.as_view(), name="job-spec"),
    path("jobs/<uuid:job>/picture", api.JobPictureView.as_view(), name="job-picture"),
    path("jobs/<uuid:job>/preview", api.JobPreviewView.as_view(), name="job-preview"),
    path("jobs/<uuid:job>/withdraw", api.JobWithdrawView.as_view(), name="job-withdraw"),
]
