from django.apps import AppConfig


class EscrowConfig(AppConfig):
    name = "marketplace.escrow"
    label = "escrow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.escrow import chain_handlers  # noqa: PLC0415 - models load first

        chain_handlers.register_all()
