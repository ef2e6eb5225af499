"""Agreements, and the transactions their parties sign themselves."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.models import Person
from marketplace.accounts.permissions import HasScope
from marketplace.accounts.scopes import Scope
from marketplace.escrow import transactions
from marketplace.escrow.errors import NotYourSide
from marketplace.escrow.models import Agreement
from marketplace.escrow.selectors import (
    agreement_for,
    agreement_json,
    agreements_of,
    award_target,
    granted_designs,
)
from marketplace.escrow.serializers import (
    AgreementSerializer,
    AmountSerializer,
    AwardAnswerSerializer,
    AwardSerializer,
    DeliverSerializer,
    GrantedDesignSerializer,
    ReleaseSerializer,
    TransactionAnswerSerializer,
    WithdrawSerializer,
)
from marketplace.escrow.services import grace_waive
from marketplace.escrow.transactions import UnsignedTransaction
from protocol.units import Address, digest_of

LIST_LIMIT = 200


def _read(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def person_of(request: Request) -> Address:
    """Who is signed in: routes without that are refused before."""
    return Address(cast(Person, request.user).address)


def _answer(transaction: UnsignedTransaction) -> Response:
    return Response({"transaction": transaction.to_json()})


class AwardView(APIView):
    """The transaction with which the designer binds a bid."""

    permission_classes = [HasScope(Scope.JOBS)]

    @extend_schema(request=AwardSerializer, responses=AwardAnswerSerializer)
    def post(self, request: Request, bid: str) -> Response:
        wanted = _read(AwardSerializer, request).get("units")
        target = award_target(bid, person_of(request), wanted)
        transaction = transactions.award(
            bid=target.terms, signature=target.signature, signer=target.signer, units=target.units
        )
        return Response(
            {
                "agreement": bid,
                "transaction": transaction.to_json(),
                "price": str(transaction.value),
                "expires_at": target.expires_at,
            }
        )


class AgreementsView(APIView):
    """The caller's agreements, newest first."""

    @extend_schema(responses=AgreementSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = agreements_of(person_of(request))[:LIST_LIMIT]
        return Response([agreement_json(row) for row in rows])


class AgreementView(APIView):
    """One agreement as the chain has it."""

    @extend_schema(responses=AgreementSerializer)
    def get(self, request: Request, agreement: str) -> Response:
        return Response(agreement_json(agreement_for(agreement, person_of(request))))


class StepView(APIView):
    """Base of the steps of one agreement: finds it for a party and checks whose step it is."""

    permission_classes = [HasScope(Scope.JOBS)]
    side: str | None = None

    def found(self, request: Request, agreement: str) -> Agreement:
        """The agreement. Raises Http404 for strangers, NotYourSide for the other party."""
        row = agreement_for(agreement, person_of(request))
        if self.side and getattr(row, self.side) != person_of(request):
            raise NotYourSide(f"Only the {self.side} of an agreement can do this.")
        return row


class ReleaseView(StepView):
    """The designer pays; without an amount, everything."""

    side = "designer"

    @extend_schema(request=ReleaseSerializer, responses=TransactionAnswerSerializer)
    def post(self, request: Request, agreement: str) -> Response:
        row = self.found(request, agreement)
        cumulative = _read(ReleaseSerializer, request).get("cumulative", int(row.price))
        return _answer(transactions.release(bid=row.bid_terms, cumulative=cumulative))


class DeliverView(StepView):
    """The provider says it has delivered."""

    permission_classes = [HasScope(Scope.EVIDENCE)]
    side = "provider"

    @extend_schema(request=DeliverSerializer, responses=TransactionAnswerSerializer)
    def post(self, request: Request, agreement: str) -> Response:
        row = self.found(request, agreement)
        head = digest_of(_read(DeliverSerializer, request)["head"])
        return _answer(transactions.deliver(bid=row.bid_terms, head=head))


class ClaimView(StepView):
    """The rest to the provider, once the review time is over."""

    permission_classes = [HasScope(Scope.EVIDENCE)]

    @extend_schema(request=None, responses=TransactionAnswerSerializer)
    def post(self, request: Request, agreement: str) -> Response:
        row = self.found(request, agreement)
        return _answer(transactions.claim(bid=row.bid_terms, sender=person_of(request)))


class RefundView(StepView):
    """The money back, once the making time and the redeem window are over."""

    @extend_schema(request=None, responses=TransactionAnswerSerializer)
    def post(self, request: Request, agreement: str) -> Response:
        row = self.found(request, agreement)
        return _answer(transactions.refund(bid=row.bid_terms, sender=person_of(request)))


class WaiveGraceView(StepView):
    """The designer lets the winner have the designs at once."""

    side = "designer"

    @extend_schema(request=None, responses=AgreementSerializer)
    def post(self, request: Request, agreement: str) -> Response:
        row = self.found(request, agreement)
        grace_waive(agreement=row, person=person_of(request))
        # Found anew: a reorganisation may just have taken it away.
        return Response(agreement_json(self.found(request, agreement)))


class GrantedDesignsView(APIView):
    """What the winner prints, once granted."""

    @extend_schema(responses=GrantedDesignSerializer(many=True))
    def get(self, request: Request, agreement: str) -> Response:
        return Response(granted_designs(agreement, person_of(request)))


class DepositView(APIView):
    """Add to a free balance in the escrow: bonds are locked from it."""

    permission_classes = [HasScope(Scope.BIDS)]

    @extend_schema(request=AmountSerializer, responses=TransactionAnswerSerializer)
    def post(self, request: Request) -> Response:
        person, amount = person_of(request), _read(AmountSerializer, request)["amount"]
        return _answer(transactions.deposit(sender=person, owner=person, amount=amount))


class WithdrawView(APIView):
    """Take from one's own free balance, to any address but the escrow's."""

    permission_classes = [HasScope(Scope.BIDS)]

    @extend_schema(request=WithdrawSerializer, responses=TransactionAnswerSerializer)
    def post(self, request: Request) -> Response:
        person, wanted = person_of(request), _read(WithdrawSerializer, request)
        to = wanted.get("to", person)
        return _answer(transactions.withdraw(sender=person, to=to, amount=wanted["amount"]))
