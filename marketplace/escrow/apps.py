from django.apps import AppConfig


class EscrowConfig(AppConfig):
    name = "marketplace.escrow"
    label = "escrow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.activity.subscribers import subscribe  # noqa: PLC0415 - models load first
        from marketplace.chain import projections  # noqa: PLC0415
        from marketplace.chain.intent_handlers import intents_register  # noqa: PLC0415
        from marketplace.designs.uses import use_register  # noqa: PLC0415
        from marketplace.escrow import chain_handlers, dispatching  # noqa: PLC0415
        from marketplace.escrow.mandate_projection import MandateProjection  # noqa: PLC0415
        from marketplace.escrow.projection import AgreementProjection  # noqa: PLC0415
        from marketplace.escrow.selectors import agreement_needing  # noqa: PLC0415
        from marketplace.escrow.wakeups import DISPATCHER_NEWS, dispatch_soon  # noqa: PLC0415

        chain_handlers.register_all()
        use_register("escrow", agreement_needing)
        intents_register(dispatching.KIND, dispatching.intent_changed)
        projections.register(AgreementProjection())
        projections.register(MandateProjection())
        for kind in DISPATCHER_NEWS:
            subscribe(kind, dispatch_soon)
