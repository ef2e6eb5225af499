from django.apps import AppConfig


class EscrowConfig(AppConfig):
    name = "marketplace.escrow"
    label = "escrow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.chain import projections  # noqa: PLC0415 - models load first
        from marketplace.escrow import chain_handlers  # noqa: PLC0415
        from marketplace.escrow.projection import AgreementProjection  # noqa: PLC0415

        chain_handlers.register_all()
        projections.register(AgreementProjection())
