from django.urls import path

from marketplace.providers.api import PrintersView, PrinterView

urlpatterns = [
    path("printers", PrintersView.as_view(), name="printers"),
    path("printers/<str:digest>", PrinterView.as_view(), name="printer"),
]
