"""Routes under /api/v1/."""

from django.urls import path

from marketplace.escrow import api

urlpatterns = [
    path("bids/<str:bid>/award", api.AwardView.as_view(), name="award"),
    path("agreements", api.AgreementsView.as_view(), name="agreements"),
    path("agreements/<str:agreement>", api.AgreementView.as_view(), name="agreement"),
    path("agreements/<str:agreement>/release", api.ReleaseView.as_view(), name="release"),
    path("agreements/<str:agreement>/deliver", api.DeliverView.as_view(), name="deliver"),
    path("agreements/<str:agreement>/claim", api.ClaimView.as_view(), name="claim"),
    path("agreements/<str:agreement>/refund", api.RefundView.as_view(), name="refund"),
    path("agreements/<str:agreement>/waive-grace", api.WaiveGraceView.as_view(), name="waive-grace"),
    path("agreements/<str:agreement>/designs", api.GrantedDesignsView.as_view(), name="granted-designs"),
    path("escrow/deposit", api.DepositView.as_view(), name="deposit"),
    path("escrow/withdraw", api.WithdrawView.as_view(), name="withdraw"),
]
