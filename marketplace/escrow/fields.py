"""Values of the protocol in the bodies of requests: wrong ones are refused by the member that holds them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.jobs.fields import TextField
from protocol.errors import Malformed
from protocol.typed import Struct
from protocol.units import address_of, bytes_of, digest_of

LARGEST_UNITS = 2**32 - 1
LONGEST_SIGNATURE = 4_096
"""Bytes: a contract's signature (ERC-1271) may be longer than a key's 65."""


class AddressField(TextField):
    def parse(self, text: str) -> Any:
        return address_of(text)


class DigestField(TextField):
    def parse(self, text: str) -> Any:
        digest_of(text)
        return text


class SignatureField(TextField):
    """Bytes as 0x text."""

    def parse(self, text: str) -> Any:
        signature = bytes_of(text)
        if len(signature) > LONGEST_SIGNATURE:
            raise Malformed(f"a signature has at most {LONGEST_SIGNATURE} bytes")
        return signature


@extend_schema_field(OpenApiTypes.OBJECT)
class StructField(serializers.JSONField):
    """A struct of the protocol, in its wire form."""

    def __init__(self, kind: type[Struct], **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def to_internal_value(self, data: Any) -> Any:
        try:
            return self.kind.from_json(data)
        except Malformed as error:
            raise serializers.ValidationError(str(error)) from error
