"""Receipts and bid books over REST."""

from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.models import Person
from marketplace.accounts.permissions import HasScope
from marketplace.bidding.book_selectors import (
    book_for,
    books_for,
    leaves_of,
    place_of,
    receipt_for,
    receipts_for,
    shown_by,
    signer_of,
)
from marketplace.bidding.models import Book, Receipt
from marketplace.bidding.selectors import market
from protocol.books import Receipt as SignedReceipt
from protocol.signatures import signature_of
from protocol.typed import Domain
from protocol.units import hex_of

Shape = serializers.Serializer[Any]


class ReceiptOutput(Shape):
    """`receipt` as the operator signed it (members of the Receipt struct), and the EIP-712 digest."""

    receipt = serializers.JSONField()
    signature = serializers.CharField()
    digest = serializers.CharField()


class BookOutput(Shape):
    """`book` as the operator signed it; `operator` is who did."""

    book = serializers.JSONField()
    signature = serializers.CharField()
    digest = serializers.CharField()
    operator = serializers.CharField()


class WholeBookOutput(BookOutput):
    """With the digests of all salted leaves, by the receipts' numbers."""

    leaves = serializers.ListField(child=serializers.CharField())


class PlaceOutput(Shape):
    """A bid's leaf and its proof in the newest book that holds it; null where none does yet."""

    receipt = ReceiptOutput()
    book = BookOutput(allow_null=True)
    leaf = serializers.JSONField(allow_null=True)
    leaf_digest = serializers.CharField(allow_null=True)
    proof = serializers.ListField(child=serializers.CharField(), allow_null=True)


class ShownInput(Shape):
    receipt = serializers.JSONField()
    signature = serializers.CharField(max_length=132)


class ShownOutput(Shape):
    """INCLUDED, OMITTED or LATER, and what that means."""

    shown = serializers.CharField()
    says = serializers.CharField()


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """A receipt as the API shows it."""
    return {
        "receipt": receipt.signed.to_json(),
        "signature": receipt.signature,
        "digest": receipt.digest,
    }


def book_json(book: Book) -> dict[str, Any]:
    """A book as the API shows it, without its leaves."""
    return {
        "book": book.signed.to_json(),
        "signature": book.signature,
        "digest": book.digest,
        "operator": signer_of(book),
    }


def whole_book_json(book: Book, domain: Domain) -> dict[str, Any]:
    """A book with its leaves."""
    return {**book_json(book), "leaves": [hex_of(leaf) for leaf in leaves_of(book, domain)]}


def _person(request: Request) -> str:
    return cast(Person, request.user).address


class BidReceiptView(APIView):
    @extend_schema(responses=ReceiptOutput)
    def get(self, request: Request, bid: str) -> Response:
        """The receipt of one's own bid, or of one on one's own job."""
        return Response(receipt_json(receipt_for(bid, _person(request))))


class BidPlaceView(APIView):
    @extend_schema(responses=PlaceOutput)
    def get(self, request: Request, bid: str) -> Response:
        """The proof that a book holds one's own bid, or one on one's own job."""
        receipt = receipt_for(bid, _person(request))
        nowhere = dict.fromkeys(("book", "leaf", "leaf_digest", "proof"))
        place = place_of(receipt, market().infill) or nowhere
        book = place["book"] and book_json(place["book"])
        return Response({"receipt": receipt_json(receipt), **place, "book": book})


class JobReceiptsView(APIView):
    @extend_schema(responses=ReceiptOutput(many=True))
    def get(self, request: Request, job: UUID) -> Response:
        """All receipts for the job's designer, a provider's own for a provider."""
        return Response([receipt_json(one) for one in receipts_for(job, _person(request))])


class JobBooksView(APIView):
    @extend_schema(responses=BookOutput(many=True))
    def get(self, request: Request, job: UUID) -> Response:
        """The books of a job, oldest first."""
        return Response([book_json(book) for book in books_for(job, _person(request))])


class JobBookView(APIView):
    @extend_schema(responses=WholeBookOutput)
    def get(self, request: Request, job: UUID, number: int) -> Response:
        """One book with all its salted leaves."""
        return Response(whole_book_json(book_for(job, number, _person(request)), market().infill))


class BookCheckView(APIView):
    permission_classes = [HasScope("bids")]

    @extend_schema(request=ShownInput, responses=ShownOutput)
    def post(self, request: Request, job: UUID, number: int) -> Response:
        """What a receipt shows about a book: anybody who holds one can compute the same without us."""
        sent = ShownInput(data=request.data)
        sent.is_valid(raise_exception=True)
        book = book_for(job, number, _person(request))
        receipt = SignedReceipt.from_json(sent.validated_data["receipt"])
        signature = signature_of(sent.validated_data["signature"])
        shown, says = shown_by(receipt, signature, book=book, domain=market().infill)
        return Response({"shown": shown.value, "says": says})
