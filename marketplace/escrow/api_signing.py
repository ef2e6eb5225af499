"""The routes of typed data: what to sign, and who signed it."""

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.permissions import HasScope
from marketplace.accounts.scopes import Scope
from marketplace.escrow import signing_awards, signing_payments
from marketplace.escrow import signing_bodies as bodies
from marketplace.escrow.api import person_of, read_body
from marketplace.escrow.selectors import escrow_domain_here
from marketplace.escrow.signing import ToSign, signer_of, signers_allowed
from marketplace.escrow.step_bodies import Shape, StepProblemSerializer
from protocol.units import Address, hex_of

Builder = Callable[[Address, Mapping[str, Any]], ToSign]
KINDS: Mapping[str, tuple[type[Shape], Builder]] = {
    "consent": (bodies.ConsentSerializer, signing_awards.consent_to_sign),
    "permit": (bodies.ConsentSerializer, signing_awards.permit_to_sign),
    "voucher": (bodies.VoucherSerializer, signing_payments.voucher_to_sign),
    "settlement": (bodies.SettlementSerializer, signing_payments.settlement_to_sign),
    "mandate": (bodies.MandateSerializer, signing_awards.mandate_to_sign),
}


class TypedDataView(APIView):
    """Something for the caller to sign."""

    permission_classes = [HasScope(Scope.JOBS)]
    takes: type[Shape]
    builder: Builder

    def post(self, request: Request) -> Response:
        """Raises Http404 for strangers."""
        wanted = read_body(self.takes, request)
        return Response(type(self).builder(person_of(request), wanted).to_json())


class SignedView(APIView):
    """Whether a signature is by who must sign."""

    permission_classes = [HasScope(Scope.JOBS)]

    @extend_schema(request=bodies.SignedSerializer, responses=bodies.SignerSerializer)
    def post(self, request: Request) -> Response:
        """Raises Http404 for strangers, SignatureInvalid."""
        wanted = read_body(bodies.SignedSerializer, request)
        struct = next(wanted[name] for name in bodies.STRUCTS if name in wanted)
        signer = signer_of(struct, wanted["signature"], *signers_allowed(struct, person_of(request)))
        return Response({"digest": hex_of(struct.digest(escrow_domain_here())), "signer": signer})


def typed_data_views() -> dict[str, Any]:
    """Kind -> view."""
    return {kind: _view(kind, *parts) for kind, parts in KINDS.items()}


def _view(kind: str, takes: type[Shape], builder: Builder) -> Any:
    answers = {200: bodies.ToSignSerializer, 409: StepProblemSerializer}
    members = {"takes": takes, "builder": staticmethod(builder)}
    made: type[APIView] = type(f"{kind.title()}View", (TypedDataView,), members)
    return extend_schema_view(post=extend_schema(request=takes, responses=answers))(made).as_view()
