"""What the routes of steps take and give."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from marketplace.escrow.fields import (
    LARGEST_UNITS,
    AddressField,
    DigestField,
    SignatureField,
    StructField,
)
from marketplace.jobs.fields import WeiOrZeroField, WeiTextField
from protocol.mandate import Mandate
from protocol.terms import Award, Settlement
from protocol.units import ZERO_ADDRESS

Shape = serializers.Serializer[dict[str, Any]]


class NothingSerializer(Shape):
    """No members."""


class UnitsSerializer(Shape):
    """Without units, all that the job has left; `standby` is another open bid on the job."""

    units = serializers.IntegerField(min_value=1, max_value=LARGEST_UNITS, required=False)
    standby = DigestField(required=False)


class AwardSerializer(UnitsSerializer):
    from_ledger = serializers.BooleanField(default=False)


class AwardWithPermitSerializer(UnitsSerializer):
    """`signature` over the permit that `permit` built, with the deadline it named (epoch seconds)."""

    deadline = serializers.IntegerField(min_value=0, max_value=2**40 - 1)
    signature = SignatureField()


class AwardForSerializer(Shape):
    consent = StructField(Award)
    signature = SignatureField()


class ReleaseSerializer(Shape):
    """Without an amount, the whole price."""

    cumulative = WeiTextField(required=False)


class RedeemSerializer(Shape):
    cumulative = WeiTextField()
    signature = SignatureField()


class DeliverSerializer(Shape):
    head = DigestField()


class DisputeSerializer(DeliverSerializer):
    from_ledger = serializers.BooleanField(default=False)


class RuleSerializer(Shape):
    cumulative = WeiOrZeroField()
    bond_back = WeiOrZeroField()


class SettleSerializer(Shape):
    settlement = StructField(Settlement)
    signature = SignatureField()


class TokenSerializer(Shape):
    token = AddressField(default=ZERO_ADDRESS)


class AmountSerializer(TokenSerializer):
    amount = WeiTextField()


class WithdrawSerializer(AmountSerializer):
    to = AddressField(required=False)


class SetAgentSerializer(TokenSerializer):
    """`until` in the past revokes the key."""

    key = AddressField()
    until = serializers.DateTimeField()
    bond_left = WeiOrZeroField()


class RevokeMandateSerializer(Shape):
    mandate = StructField(Mandate)


class PreparedSerializer(Shape):
    """A step that was tried and would succeed now. `step` is `approve` where a token must first allow the
    escrow to take the money; `then` names the step to ask for once that is mined. `simulation.gas` is what
    was used, `transaction.gas` has a margin. A step that would fail is answered with a problem of status 409,
    whose `code` and `error` name what the escrow reverts with, and whose `detail` says what to do.
    """

    step = serializers.CharField()
    then = serializers.CharField(allow_null=True)
    # Not a class, since `from` and `data`, as wallets call them, cannot be attributes of one.
    transaction = inline_serializer(
        "UnsignedTransaction",
        {
            "from": serializers.CharField(),
            "to": serializers.CharField(),
            "data": serializers.CharField(),
            "value": serializers.CharField(),
            "chain_id": serializers.IntegerField(),
            "gas": serializers.IntegerField(),
        },
    )
    summary = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())
    simulation = inline_serializer(
        "Simulation", {"ok": serializers.BooleanField(), "gas": serializers.IntegerField()}
    )


class PreparedAwardSerializer(PreparedSerializer):
    agreement = serializers.CharField()
    price = serializers.CharField()
    expires_at = serializers.DateTimeField()


class RevertSerializer(Shape):
    name = serializers.CharField()
    args = serializers.DictField(child=serializers.CharField())


class StepProblemSerializer(Shape):
    """Why a step is refused. `error` is what the escrow would revert with; absent where it was not asked."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    error = RevertSerializer(required=False)


class StepStandingSerializer(Shape):
    """Whether the caller can take a step now; if not, why. `opens` and `closes` are its times, if any."""

    step = serializers.CharField()
    title = serializers.CharField()
    available = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True)
    opens = serializers.DateTimeField(allow_null=True)
    closes = serializers.DateTimeField(allow_null=True)
