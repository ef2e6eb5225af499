from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "marketplace.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.chain import projections  # noqa: PLC0415 - models load first
        from marketplace.evidence import chain_handlers  # noqa: PLC0415
        from marketplace.evidence.print_projection import PrintProjection  # noqa: PLC0415

        chain_handlers.register_all()
        projections.register(PrintProjection())
