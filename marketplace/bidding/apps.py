from django.apps import AppConfig


class BiddingConfig(AppConfig):
    name = "marketplace.bidding"
    label = "bidding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.bidding import chain_handlers  # noqa: PLC0415 - models load first
        from marketplace.bidding.projection import BidProjection  # noqa: PLC0415
        from marketplace.chain import projections  # noqa: PLC0415

        chain_handlers.register_all()
        projections.register(BidProjection())
