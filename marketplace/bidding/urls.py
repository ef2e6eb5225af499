from django.urls import path

from marketplace.bidding.api import JobBidsView, JobDeclinesView
from marketplace.bidding.book_api import (
    BidPlaceView,
    BidReceiptView,
    BookCheckView,
    JobBooksView,
    JobBookView,
    JobReceiptsView,
)

urlpatterns = [
    path("jobs/<uuid:job>/bids", JobBidsView.as_view(), name="job-bids"),
    path("jobs/<uuid:job>/declines", JobDeclinesView.as_view(), name="job-declines"),
    path("jobs/<uuid:job>/receipts", JobReceiptsView.as_view(), name="job-receipts"),
    path("jobs/<uuid:job>/books", JobBooksView.as_view(), name="job-books"),
    path("jobs/<uuid:job>/books/<int:number>", JobBookView.as_view(), name="job-book"),
    path("jobs/<uuid:job>/books/<int:number>/check", BookCheckView.as_view(), name="book-check"),
    path("bids/<str:bid>/receipt", BidReceiptView.as_view(), name="bid-receipt"),
    path("bids/<str:bid>/book", BidPlaceView.as_view(), name="bid-book"),
]
