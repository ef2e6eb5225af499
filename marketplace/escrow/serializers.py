"""What the escrow's routes take and give."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from protocol.errors import Malformed
from protocol.statuses import AgreementStatus, How
from protocol.units import address_of, digest_of, wei_of

Shape = serializers.Serializer[dict[str, Any]]
LARGEST_UNITS = 2**32 - 1
LARGEST_WEI = 2**96 - 1


class TextField(serializers.CharField):
    """Text that a function of the protocol reads strictly."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return self.parse(super().to_internal_value(data))
        except Malformed as error:
            raise serializers.ValidationError(str(error)) from error

    def parse(self, text: str) -> Any:
        """The value. Raises Malformed."""
        raise NotImplementedError


class AddressField(TextField):
    def parse(self, text: str) -> Any:
        return address_of(text)


class DigestField(TextField):
    def parse(self, text: str) -> Any:
        digest_of(text)
        return text


class WeiTextField(TextField):
    def parse(self, text: str) -> Any:
        amount = wei_of(text)
        if not 0 < amount <= LARGEST_WEI:
            raise Malformed("expected 1 wei to 2^96-1 wei")
        return amount


class AwardSerializer(Shape):
    units = serializers.IntegerField(min_value=1, max_value=LARGEST_UNITS, required=False)


class ReleaseSerializer(Shape):
    cumulative = WeiTextField(required=False)


class DeliverSerializer(Shape):
    head = DigestField()


class AmountSerializer(Shape):
    amount = WeiTextField()


class WithdrawSerializer(AmountSerializer):
    to = AddressField(required=False)


class TransactionAnswerSerializer(Shape):
    # Not a class, since `from` and `data`, as wallets call them, cannot be attributes of one.
    transaction = inline_serializer(
        "UnsignedTransaction",
        {
            "from": AddressField(),
            "to": AddressField(),
            "data": serializers.CharField(),
            "value": serializers.CharField(),
            "chain_id": serializers.IntegerField(),
            "gas": serializers.IntegerField(),
        },
    )


class AwardAnswerSerializer(TransactionAnswerSerializer):
    agreement = serializers.CharField()
    price = serializers.CharField()
    expires_at = serializers.DateTimeField()


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
    url = serializers.CharField()
