"""The composition root: settings, routes and processes. It imports every app; no app imports it."""

from marketplace.config.celery import app as celery_app

__all__ = ["celery_app"]
