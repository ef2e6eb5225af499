"""What the routes of typed data take and give."""

from rest_framework import serializers

from marketplace.escrow.fields import (
    LARGEST_UNITS,
    AddressField,
    DigestField,
    SignatureField,
    StructField,
)
from marketplace.escrow.step_bodies import Shape, UnitsSerializer
from marketplace.jobs.fields import WeiOrZeroField, WeiTextField
from protocol.mandate import Mandate
from protocol.terms import Award, Settlement, Voucher
from protocol.units import digest_of

MAX_U32, MAX_BPS = 2**32 - 1, 10_000


class BinaryDigestField(DigestField):
    """A digest, as its bytes."""

    def parse(self, text: str) -> bytes:
        return digest_of(text)


class ConsentSerializer(UnitsSerializer):
    bid = serializers.CharField()
    deadline = serializers.DateTimeField(required=False)


class VoucherSerializer(Shape):
    """Without an amount, the whole price."""

    agreement = serializers.CharField()
    cumulative = WeiTextField(required=False)


class SettlementSerializer(Shape):
    """`to_provider` is out of what is unpaid and the bond, the bond first."""

    agreement = serializers.CharField()
    to_provider = WeiOrZeroField()
    deadline = serializers.DateTimeField(required=False)


class MandateSerializer(Shape):
    """What is not told follows from the job; the dispatcher is this marketplace's own.

    `printers` is the Merkle root of those accepted, or zero.
    """

    job = serializers.UUIDField()
    dispatcher = AddressField(required=False)
    deadline = serializers.DateTimeField(required=False)
    arbiter = AddressField(required=False)
    printers = BinaryDigestField(required=False)
    units = serializers.IntegerField(min_value=1, max_value=LARGEST_UNITS, required=False)
    max_unit_price = WeiTextField(required=False)
    min_bond = WeiOrZeroField(required=False)
    max_dispute_fee = WeiOrZeroField(required=False)
    max_make_time = serializers.IntegerField(min_value=1, max_value=MAX_U32, required=False)
    min_review_time = serializers.IntegerField(min_value=1, max_value=MAX_U32, required=False)
    min_arbiter_time = serializers.IntegerField(min_value=1, max_value=MAX_U32, required=False)
    max_arbiter_time = serializers.IntegerField(min_value=1, max_value=MAX_U32, required=False)
    max_grace_time = serializers.IntegerField(min_value=0, max_value=MAX_U32, required=False)
    max_fallback_bps = serializers.IntegerField(min_value=0, max_value=MAX_BPS, required=False)


class ToSignSerializer(Shape):
    """`typed_data` is what a wallet's eth_signTypedData_v4 takes, `digest` what `signer` then signs."""

    typed_data = serializers.JSONField()
    digest = serializers.CharField()
    signer = serializers.CharField()
    summary = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())


STRUCTS = {"award": Award, "mandate": Mandate, "voucher": Voucher, "settlement": Settlement}


class SignedSerializer(Shape):
    """Exactly one of the structs, in its wire form, and a signature over it."""

    award = StructField(Award, required=False)
    mandate = StructField(Mandate, required=False)
    voucher = StructField(Voucher, required=False)
    settlement = StructField(Settlement, required=False)
    signature = SignatureField()

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if len(attrs) != 2:
            raise serializers.ValidationError(f"send one of {', '.join(STRUCTS)}, and its signature")
        return attrs


class SignerSerializer(Shape):
    digest = serializers.CharField()
    signer = serializers.CharField()
