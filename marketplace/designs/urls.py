from django.urls import path

from marketplace.designs import api, resumable_api

urlpatterns = [
    path("uploads", resumable_api.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:upload>", resumable_api.UploadView.as_view(), name="upload"),
    path("designs", api.DesignsView.as_view(), name="designs"),
    path("designs/<uuid:design>", api.DesignView.as_view(), name="design"),
    path("designs/<uuid:design>/picture", api.DesignPictureView.as_view(), name="design-picture"),
    path("designs/<uuid:design>/preview", api.DesignPreviewView.as_view(), name="design-preview"),
    path("designs/<uuid:design>/parts", api.DesignPartView.as_view(), name="design-parts"),
    path("designs/<uuid:design>/convert", api.DesignConvertView.as_view(), name="design-convert"),
    path("designs/<uuid:design>/repair", api.DesignRepairView.as_view(), name="design-repair"),
    path("designs/<uuid:design>/file", api.DesignFileView.as_view(), name="design-file"),
    path("deliveries/<uuid:delivery>/file", api.DeliveryFileView.as_view(), name="delivery-file"),
    path("designs/<uuid:design>/estimate", api.DesignEstimateView.as_view(), name="design-estimate"),
]
