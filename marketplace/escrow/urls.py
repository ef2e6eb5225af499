"""Routes under /api/v1/: the steps' own are made from their tables."""

from django.urls import path

from marketplace.escrow import api, api_fates, api_mandates, api_signing, api_steps

urlpatterns = [
    path("agreements", api.AgreementsView.as_view(), name="agreements"),
    path("agreements/<str:agreement>", api.AgreementView.as_view(), name="agreement"),
    path("agreements/<str:agreement>/steps", api_steps.StepsView.as_view(), name="steps"),
    path("agreements/<str:agreement>/waive-grace", api.WaiveGraceView.as_view(), name="waive-grace"),
    path("agreements/<str:agreement>/designs", api.GrantedDesignsView.as_view(), name="granted-designs"),
    *(
        path(f"agreements/<str:agreement>/{name}", view, name=name)
        for name, view in api_steps.agreement_views().items()
    ),
    *(path(f"bids/<str:bid>/{name}", view, name=name) for name, view in api_steps.award_views().items()),
    *(path(f"escrow/{name}", view, name=name) for name, view in api_steps.account_views().items()),
    *(path(f"typed-data/{kind}", view, name=kind) for kind, view in api_signing.typed_data_views().items()),
    path("typed-data/signer", api_signing.SignedView.as_view(), name="signer"),
    path("mandates", api_mandates.MandatesView.as_view(), name="mandates"),
    path("mandates/<str:mandate>", api_mandates.MandateView.as_view(), name="mandate"),
    path("transactions", api_fates.TransactionsView.as_view(), name="transactions"),
    path("transactions/<str:hash>", api_fates.TransactionView.as_view(), name="transaction"),
]
