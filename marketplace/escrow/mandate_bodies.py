"""What the routes of mandates take and give."""

from rest_framework import serializers

from marketplace.escrow.dispatch_rules import DispatchStatus
from marketplace.escrow.fields import SignatureField, StructField
from marketplace.escrow.mandate_rules import MandateStatus
from marketplace.escrow.signing_bodies import BinaryDigestField
from marketplace.escrow.step_bodies import Shape
from protocol.mandate import Mandate

MOST_PRINTERS = 1_000


class StoreMandateSerializer(Shape):
    """`printers` are those behind the mandate's root, if any. Nothing is awarded before `award_from`."""

    mandate = StructField(Mandate)
    signature = SignatureField()
    printers = serializers.ListField(child=BinaryDigestField(), max_length=MOST_PRINTERS, default=list)
    award_from = serializers.DateTimeField(required=False)


class WaitingSerializer(Shape):
    """Why nothing is awarded now; other members have the figures, such as `deposit` in wei."""

    code = serializers.CharField()
    text = serializers.CharField()
    bid = serializers.CharField(required=False)
    deposit = serializers.CharField(required=False)
    limits = serializers.JSONField(required=False)


class DispatchSerializer(Shape):
    bid = serializers.CharField()
    provider = serializers.CharField()
    units = serializers.IntegerField()
    price = serializers.CharField()
    status = serializers.ChoiceField([s.value for s in DispatchStatus])
    reason = serializers.CharField()
    transaction = serializers.CharField(allow_null=True)
    wanted_at = serializers.DateTimeField()


class MandateAnswerSerializer(Shape):
    """`used` and `status` are by the chain's logs. `deposit` is what `free` lacks (wei) to pay any bid within
    the limits; `free` and `waiting_for` are what the dispatcher found at `looked_at`."""

    id = serializers.CharField()
    job = serializers.CharField()
    mandate = serializers.JSONField()
    printers = serializers.ListField(child=serializers.CharField())
    award_from = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField()
    status = serializers.ChoiceField([s.value for s in MandateStatus])
    units = serializers.IntegerField()
    used = serializers.IntegerField()
    left = serializers.IntegerField()
    free = serializers.CharField()
    deposit = serializers.CharField()
    waiting_for = WaitingSerializer(allow_null=True)
    looked_at = serializers.DateTimeField()
    stored_at = serializers.DateTimeField()
    awards = DispatchSerializer(many=True)
