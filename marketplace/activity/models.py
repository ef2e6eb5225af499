"""What happened, in the order it was written. Rows are added and never touched again."""

from typing import Any, NoReturn

from django.db import models

from marketplace.activity.rules import ActivityIsAppendOnly


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Reads and inserts; changing or deleting rows is refused here, and by a trigger in the database."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise ActivityIsAppendOnly

    def delete(self) -> NoReturn:
        raise ActivityIsAppendOnly


class Activity(models.Model):
    """What happened: `kind` like job.opened, `subject` like job:<id>, `actor` an address or empty."""

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    actor = models.CharField(max_length=42, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "activity"
        indexes = [models.Index(fields=["subject", "id"]), models.Index(fields=["kind", "id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ActivityIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ActivityIsAppendOnly

    @property
    def subject_id(self) -> str:
        """The id in the subject."""
        return self.subject.partition(":")[2]

    def about(self, entity: str) -> bool:
        """Whether the subject is one of these."""
        return self.subject.startswith(f"{entity}:")
