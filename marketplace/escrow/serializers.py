"""Agreements as the API shows them."""

from typing import Any

from rest_framework import serializers

from protocol.statuses import AgreementStatus, How

Shape = serializers.Serializer[dict[str, Any]]


class DeadlinesSerializer(Shape):
    grace_until = serializers.DateTimeField()
    deliver_by = serializers.DateTimeField(allow_null=True)
    review_until = serializers.DateTimeField(allow_null=True)
    claim_from = serializers.DateTimeField(allow_null=True)
    refund_from = serializers.DateTimeField(allow_null=True)
    rule_until = serializers.DateTimeField(allow_null=True)
    expire_from = serializers.DateTimeField(allow_null=True)


class LogSerializer(Shape):
    name = serializers.CharField()
    block = serializers.IntegerField()
    transaction = serializers.CharField()
    time = serializers.DateTimeField()
    final = serializers.BooleanField()
    args = serializers.JSONField()


class MovementSerializer(Shape):
    what = serializers.CharField()
    party = serializers.CharField()
    amount = serializers.CharField()
    transaction = serializers.CharField()
    final = serializers.BooleanField()


class AgreementSerializer(Shape):
    id = serializers.CharField()
    job = serializers.CharField(allow_null=True)
    bid = serializers.CharField(allow_null=True)
    designer = serializers.CharField()
    provider = serializers.CharField()
    status = serializers.ChoiceField([s.value for s in AgreementStatus])
    how = serializers.ChoiceField([h.value for h in How])
    final = serializers.BooleanField()
    final_status = serializers.ChoiceField([s.value for s in AgreementStatus])
    final_paid = serializers.CharField()
    units = serializers.IntegerField()
    price = serializers.CharField()
    paid = serializers.CharField()
    clock = serializers.DateTimeField()
    head = serializers.CharField(allow_null=True)
    given_up_at = serializers.DateTimeField(allow_null=True)
    deadlines = DeadlinesSerializer()
    terms = serializers.JSONField()
    logs = LogSerializer(many=True)
    money = MovementSerializer(many=True)
    grant = serializers.BooleanField()
    grace_waived = serializers.BooleanField()


class GrantedDesignSerializer(Shape):
    design = serializers.CharField()
    name = serializers.CharField()
    copies = serializers.IntegerField()
    model = serializers.CharField()
    salt = serializers.CharField()
    bytes = serializers.IntegerField()


class DeliveredDesignSerializer(GrantedDesignSerializer):
    """`sealed` is the keccak of the ciphertext at `url`, which has `sealed_bytes`."""

    recipient = serializers.CharField()
    sealed = serializers.CharField()
    sealed_bytes = serializers.IntegerField()
    url = serializers.CharField()


class RecipientInput(Shape):
    """An age X25519 recipient, and the signature of the statement that names it."""

    recipient = serializers.RegexField("age1[0-9a-z]+", max_length=100)
    signature = serializers.CharField(max_length=132)
