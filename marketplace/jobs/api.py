"""Jobs over REST."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.models import Person
from marketplace.accounts.permissions import HasScope
from marketplace.designs.access import look_taken, preview_taken
from marketplace.designs.api import kept_response
from marketplace.designs.mesh.angles import THUMBNAIL
from marketplace.designs.rules import Shown, What
from marketplace.designs.selectors import picture_of
from marketplace.jobs.rules import PartAsked, Posting, bids_close_by_default
from marketplace.jobs.selectors import job_face, job_seen_by, job_spec_for, jobs_of, jobs_seen_by
from marketplace.jobs.serializers import JobInput, JobOutput, SpecOutput
from marketplace.jobs.services import job_post, job_withdraw
from protocol.statuses import JobStatus

LIST_LIMIT = 200


def caller(request: Request) -> Person:
    return cast(Person, request.user)


class JobsView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(request=JobInput, responses={201: JobOutput})
    def post(self, request: Request) -> Response:
        """Post a job of your own designs. It opens for bids once all of them are measured."""
        sent = JobInput(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = dict(sent.validated_data)
        now = timezone.now()
        asked["parts"] = [PartAsked(**part) for part in asked["parts"]]
        asked["budget_wei"] = asked.pop("budget")
        asked.setdefault("bids_close_at", bids_close_by_default(asked["deadline"], now))
        asked["shown"] = Shown(asked["shown"])
        job = job_post(designer=caller(request), posting=Posting(**asked), now=now)
        return Response(_shown(job, request), status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[
            OpenApiParameter("status", enum=list(JobStatus)),
            OpenApiParameter("mine", bool),
        ],
        responses=JobOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        """Jobs you may know of, newest first: your own, those you won and, with a printer, all open ones."""
        address = caller(request).address
        mine = request.query_params.get("mine", "").lower() in {"1", "true"}
        jobs = jobs_of(address) if mine else jobs_seen_by(address)
        if wanted := request.query_params.get("status"):
            jobs = jobs.filter(status=wanted)
        return Response([_shown(job, request) for job in jobs[:LIST_LIMIT]])


class JobView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(responses=JobOutput)
    def get(self, request: Request, job: UUID) -> Response:
        """One job; budget and designs for its designer alone."""
        return Response(_shown(job_seen_by(caller(request).address, job), request))


class JobSpecView(APIView):
    permission_classes = [HasScope("jobs") | HasScope("bids")]

    @extend_schema(responses=SpecOutput)
    def get(self, request: Request, job: UUID) -> Response:
        """What a bid must answer: designer, winner, or a provider with a printer while the job is open."""
        found = job_spec_for(caller(request).address, job)
        shown = {
            "job": found.pk,
            "spec": found.spec,
            "salt": found.salt_text,
            "job_digest": found.job_digest,
            "shown": found.shown,
        }
        return Response(shown)


class JobPictureView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, job: UUID) -> HttpResponse:
        """The job's first part, 640 x 480 pixels; 404 for bidders where the job shows measurements alone."""
        design, shown = job_face(caller(request).address, job)
        picture = picture_of(design, THUMBNAIL)
        look_taken(person=caller(request).address, design=design, what=What.PICTURE, shown=shown)
        return kept_response(picture, "image/png")


class JobPreviewView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(responses={(200, "model/gltf-binary"): OpenApiTypes.BINARY})
    def get(self, request: Request, job: UUID) -> HttpResponse:
        """A GLB of the job's first part to look at; for bidders a coarse one, and 404 unless the job shows
        it."""
        design, shown = job_face(caller(request).address, job)
        preview = preview_taken(person=caller(request).address, design=design, shown=shown)
        return kept_response(preview, "model/gltf-binary")


class JobWithdrawView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(request=None, responses=JobOutput)
    def post(self, request: Request, job: UUID) -> Response:
        """Take your open job back; no more bids."""
        return Response(_shown(job_withdraw(designer=caller(request).address, job=job), request))


def _shown(job: Any, request: Request) -> Any:
    return JobOutput(job, context={"own": job.designer_id == caller(request).address}).data
