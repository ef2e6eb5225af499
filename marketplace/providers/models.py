"""Providers and their printers, as they signed for them."""

from django.db import models

ADDRESS_CHARS = 42
DIGEST_CHARS = 66
SIGNATURE_CHARS = 132


class Provider(models.Model):
    """A person who registered a printer. `completed` and `failed` count bonded agreements, as on chain."""

    address = models.CharField(primary_key=True, max_length=ADDRESS_CHARS)
    joined_at = models.DateTimeField(auto_now_add=True)
    completed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.address


class Printer(models.Model):
    """One signed profile. A newer one of its serial is a new row; the older stays for bids that name it.

    `pace` is how much longer it takes than estimated, of its newest `prints_counted` finished prints: of the
    printer, so that all profiles of one serial have the same.
    """

    digest = models.CharField(primary_key=True, max_length=DIGEST_CHARS)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="printers")
    serial = models.CharField(max_length=100)
    seq = models.PositiveBigIntegerField()
    current = models.BooleanField(default=True)
    profile = models.JSONField()
    capability = models.JSONField()
    signature = models.CharField(max_length=SIGNATURE_CHARS)
    registered_at = models.DateTimeField(auto_now_add=True)
    bed_x_um = models.BigIntegerField()
    bed_y_um = models.BigIntegerField()
    bed_z_um = models.BigIntegerField()
    min_layer_um = models.BigIntegerField()
    max_layer_um = models.BigIntegerField()
    pace = models.FloatField(default=1.0)
    prints_counted = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["provider_id", "serial"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "serial"], condition=models.Q(current=True), name="printer_one_current"
            ),
            models.UniqueConstraint(fields=["provider", "serial", "seq"], name="printer_seq_once"),
        ]
        indexes = [models.Index(fields=["current", "bed_z_um"], name="printer_coarse")]

    def __str__(self) -> str:
        return f"{self.serial} of {self.provider_id}"

    @property
    def status(self) -> str:
        """REGISTERED: bids may name it. SUPERSEDED: a newer profile of the same printer took its place."""
        return "REGISTERED" if self.current else "SUPERSEDED"


class Stock(models.Model):
    """One material in one colour that a printer has."""

    printer = models.ForeignKey(Printer, on_delete=models.CASCADE, related_name="stock")
    kind = models.CharField(max_length=40)
    colour = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["printer", "kind", "colour"], name="stock_once")]
        indexes = [models.Index(fields=["kind", "colour"], name="stock_kind_colour")]

    def __str__(self) -> str:
        return f"{self.colour} {self.kind}"


class FinishedPrint(models.Model):
    """One copy that a printer finished, as its provider's evidence says; seconds, without pauses.

    Follows from evidence and agreements alone. `model` is the part's salted digest, `record` the record that
    tells of it.
    """

    agreement = models.CharField(max_length=DIGEST_CHARS)
    model = models.CharField(max_length=DIGEST_CHARS)
    copy = models.PositiveBigIntegerField()
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="prints")
    serial = models.CharField(max_length=100)
    record = models.CharField(max_length=DIGEST_CHARS)
    expected_s = models.FloatField()
    taken_s = models.FloatField()
    finished_at = models.DateTimeField()

    class Meta:
        ordering = ["-finished_at", "agreement", "model", "copy"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "model", "copy"], name="print_counts_once")
        ]
        indexes = [models.Index(fields=["provider", "serial", "-finished_at"], name="print_of_printer")]

    def __str__(self) -> str:
        return f"copy {self.copy} of {self.model} on {self.serial}"
