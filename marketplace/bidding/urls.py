from django.urls import path

from marketplace.bidding.api import JobBidsView, JobDeclinesView

urlpatterns = [
    path("jobs/<uuid:job>/bids", JobBidsView.as_view(), name="job-bids"),
    path("jobs/<uuid:job>/declines", JobDeclinesView.as_view(), name="job-declines"),
]
