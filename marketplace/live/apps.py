from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "marketplace.live"
    label = "live"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.live.subscribers import subscribe_all  # noqa: PLC0415 - needs models

        subscribe_all()
