"""Who could make a job, for its designer."""

from typing import Any, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.models import Person
from marketplace.accounts.permissions import HasScope
from marketplace.jobs.selectors import job_of
from marketplace.matching.selectors import job_matches


class FeasibleOutput(serializers.Serializer[Any]):
    """`expected_seconds` of printing on this printer, by its pace; null without an estimate."""

    printer = serializers.CharField()
    provider = serializers.CharField()
    expected_seconds = serializers.IntegerField(allow_null=True)


class InfeasibleOutput(serializers.Serializer[Any]):
    printer = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class MatchesOutput(serializers.Serializer[Any]):
    """Printers that can make the job; how many cannot, and the first of those with reasons."""

    feasible = FeasibleOutput(many=True)
    infeasible = InfeasibleOutput(many=True)
    infeasible_count = serializers.IntegerField()


class JobMatchesView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(responses=MatchesOutput)
    def get(self, request: Request, job: UUID) -> Response:
        """How many registered printers can make this job in time, and why the others cannot."""
        found = job_of(cast(Person, request.user).address, job)
        return Response(MatchesOutput(job_matches(found, timezone.now())).data)
