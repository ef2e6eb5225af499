from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "marketplace.monitoring"
    label = "monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.monitoring.subscribers import subscribe_all  # noqa: PLC0415 - needs models

        subscribe_all()
