"""Values of the protocol in the bodies of requests: wrong ones are refused by the member that holds them."""

from typing import Any

from rest_framework import serializers

from protocol.errors import Malformed
from protocol.units import wei_of

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


class WeiTextField(TextField):
    least = 1

    def parse(self, text: str) -> Any:
        amount = wei_of(text)
        if not self.least <= amount <= LARGEST_WEI:
            raise Malformed(f"expected {self.least} wei to 2^96-1 wei")
        return amount


class WeiOrZeroField(WeiTextField):
    least = 0
