"""The routes of all steps, made from their tables: each answers with a transaction to sign."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.permissions import HasScope
from marketplace.accounts.scopes import Scope
from marketplace.chain.selectors import chain_now
from marketplace.escrow.account_plans import ACCOUNT_STEPS, AccountStep, account_prepare
from marketplace.escrow.api import person_of, read_body
from marketplace.escrow.award_plans import AWARD_STEPS, AwardStep, award_prepare
from marketplace.escrow.errors import NotYourSide
from marketplace.escrow.selectors import agreement_near
from marketplace.escrow.standings import whose
from marketplace.escrow.step_bodies import (
    NothingSerializer,
    PreparedAwardSerializer,
    PreparedSerializer,
    Shape,
    StepProblemSerializer,
    StepStandingSerializer,
)
from marketplace.escrow.steps import STEPS, Step, step_prepare, steps_standing


class AgreementStepView(APIView):
    """A step of an agreement."""

    step: Step

    def post(self, request: Request, agreement: str) -> Response:
        """Raises Http404 for strangers, NotYourSide."""
        person = person_of(request)
        row, sides = agreement_near(agreement, person)
        if not self.step.condition.who & sides:
            raise NotYourSide(f"Only {whose(self.step.condition)} of an agreement can do this.")
        return Response(step_prepare(self.step, row, person, read_body(self.step.takes, request)).to_json())


class AwardStepView(APIView):
    """A way to bind a bid."""

    step: AwardStep

    def post(self, request: Request, bid: str) -> Response:
        """Raises Http404 for strangers."""
        person, wanted = person_of(request), read_body(self.step.takes, request)
        target = self.step.target(bid, person, wanted)
        prepared = award_prepare(self.step, target, person, wanted)
        about = {"agreement": bid, "price": str(target.price), "expires_at": target.row.valid_until}
        return Response(about | prepared.to_json())


class AccountStepView(APIView):
    """A step about oneself."""

    step: AccountStep

    def post(self, request: Request) -> Response:
        wanted = read_body(self.step.takes, request)
        return Response(account_prepare(self.step, person_of(request), wanted).to_json())


class StepsView(APIView):
    """Which steps of an agreement the caller can take now, which not, and why."""

    @extend_schema(responses=StepStandingSerializer(many=True))
    def get(self, request: Request, agreement: str) -> Response:
        row, sides = agreement_near(agreement, person_of(request))
        return Response([vars(one) for one in steps_standing(row, sides, chain_now())])


def _view(base: type[APIView], step: Any, scope: Scope, answers: type[Shape]) -> Any:
    """The view of one step, with its own schema."""
    takes = None if step.takes is NothingSerializer else step.takes
    described = extend_schema(request=takes, responses={200: answers, 409: StepProblemSerializer})
    made: type[APIView] = type(
        f"{step.name.title()}View", (base,), {"step": step, "permission_classes": [HasScope(scope)]}
    )
    return extend_schema_view(post=described)(made).as_view()


def agreement_views() -> dict[str, Any]:
    """Step name -> view."""
    return {step.name: _view(AgreementStepView, step, step.scope, PreparedSerializer) for step in STEPS}


def award_views() -> dict[str, Any]:
    """Step name -> view."""
    return {
        step.name: _view(AwardStepView, step, Scope.JOBS, PreparedAwardSerializer) for step in AWARD_STEPS
    }


def account_views() -> dict[str, Any]:
    """Step name -> view."""
    return {step.name: _view(AccountStepView, step, step.scope, PreparedSerializer) for step in ACCOUNT_STEPS}
