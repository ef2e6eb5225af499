"""Routes under /api/v1/."""

from django.urls import path

from marketplace.evidence import anchor_api, api

urlpatterns = [
    path("agreements/<str:agreement>/evidence", api.EvidenceView.as_view(), name="evidence"),
    path("agreements/<str:agreement>/proofs", anchor_api.AgreementProofsView.as_view(), name="proofs"),
    path("printers/<str:digest>/proof", anchor_api.PrinterProofView.as_view(), name="printer-proof"),
    path("bids/<str:bid>/receipt/proof", anchor_api.ReceiptProofView.as_view(), name="receipt-proof"),
    path("jobs/<uuid:job>/books/<int:number>/proof", anchor_api.BookProofView.as_view(), name="book-proof"),
    path("anchors", anchor_api.AnchorsView.as_view(), name="anchors"),
    path("agreements/<str:agreement>/bundle", api.BundleView.as_view(), name="bundle"),
]
