from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "marketplace.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the apps are loaded.
        from marketplace.activity.subscribers import subscribe  # noqa: PLC0415
        from marketplace.designs.uses import use_register  # noqa: PLC0415
        from marketplace.jobs.selectors import job_needing  # noqa: PLC0415
        from marketplace.jobs.wakeups import estimate_soon, settle_soon  # noqa: PLC0415

        for kind in ("job.posted", "design.measured", "design.refused"):
            subscribe(kind, settle_soon)
        for kind in ("job.opened", "design.slice_sliced"):
            subscribe(kind, estimate_soon)
        use_register("jobs", job_needing)
