from django.apps import AppConfig


class DesignsConfig(AppConfig):
    name = "marketplace.designs"
    label = "designs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the apps are loaded.
        from marketplace.activity.subscribers import subscribe  # noqa: PLC0415
        from marketplace.designs.wakeups import measure_soon, repair_soon, slice_soon  # noqa: PLC0415

        subscribe("design.uploaded", measure_soon)
        subscribe("design.slice_wanted", slice_soon)
        subscribe("design.repair_wanted", repair_soon)
