"""Designs over REST."""

from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.models import Person
from marketplace.accounts.permissions import HasScope
from marketplace.designs import store
from marketplace.designs.access import design_known, design_seen_by, look_taken, preview_taken
from marketplace.designs.deliveries import delivery_open
from marketplace.designs.download import file_response
from marketplace.designs.mesh.angles import ANGLES, THUMBNAIL
from marketplace.designs.mesh.estimate import Settings, estimate
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.materials import DENSITIES
from marketplace.designs.models import Design, Repair
from marketplace.designs.repairs import repair_want
from marketplace.designs.rules import (
    INFILL_RANGE,
    LAYER_UM_RANGE,
    QUANTITY_LIMIT,
    What,
)
from marketplace.designs.selectors import (
    design_of,
    designs_of,
    parts_of_design,
    picture_of,
    repair_of,
    wanted_of,
)
from marketplace.designs.services import (
    design_convert,
    design_delete,
    design_file_open,
    design_part,
    design_upload,
)
from marketplace.designs.uploads import DesignUpload, DesignUploadHandler
from protocol.units import digest_of

LIST_LIMIT = 500
# A token with `bids` may fetch what its person was granted.
FILE_SCOPES = HasScope("jobs") | HasScope("bids")


class DesignParser(MultiPartParser):
    """Multipart through our own upload handler, so that the limit ends a stream instead of judging a file."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        request = parser_context["request"]._request
        request.upload_handlers = [DesignUploadHandler(request)]
        return super().parse(stream, media_type, parser_context)


class DesignInput(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=1000, allow_empty_file=True)
    unit = serializers.ChoiceField([each.value for each in Unit], required=False, default="")


class ReasonOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class BoxOutput(serializers.Serializer[Any]):
    """A box in mm, in the file's own coordinates."""

    low = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    high = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)


class FindingOutput(ReasonOutput):
    """What is so (`message`), what to do (`advice`) and where. Severity: info, warning or problem."""

    severity = serializers.CharField()
    advice = serializers.CharField(default="")
    place = BoxOutput(allow_null=True, default=None)


class TurningOutput(serializers.Serializer[Any]):
    """A better way up: the direction that should face the bed. Support in mm3 counts down to the bed."""

    down = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    support_mm3 = serializers.FloatField()
    support_now_mm3 = serializers.FloatField()
    height_um = serializers.IntegerField()
    contact_mm2 = serializers.FloatField()


class MeasurementOutput(serializers.Serializer[Any]):
    """Lengths in micrometres, areas in mm2, volumes in mm3; null for what is unknown or was not measured."""

    volume_mm3 = serializers.FloatField()
    area_mm2 = serializers.FloatField()
    size_um = serializers.ListField(child=serializers.IntegerField(), min_length=3, max_length=3)
    triangles = serializers.IntegerField()
    watertight = serializers.BooleanField()
    winding_consistent = serializers.BooleanField()
    bodies = serializers.IntegerField()
    overhang_mm2 = serializers.FloatField()
    bed_contact_mm2 = serializers.FloatField()
    self_intersections = serializers.IntegerField(allow_null=True, default=None)
    intersections_complete = serializers.BooleanField(default=False)
    thinnest_um = serializers.IntegerField(allow_null=True, default=None)
    gap_um = serializers.IntegerField(allow_null=True, default=None)
    support_mm3 = serializers.FloatField(allow_null=True, default=None)
    turning = TurningOutput(allow_null=True, default=None)
    findings = FindingOutput(many=True)


class DesignOutput(serializers.ModelSerializer[Design]):
    """An archive of several models has `parts`: designs of their own, each `part_of` it. So has a 3MF whose
    `source.things` were asked to be parts; `copies` and `colour` ("#rrggbb") are what the file has of one."""

    reasons = ReasonOutput(many=True)
    measurement = serializers.SerializerMethodField()
    parts = serializers.SerializerMethodField()
    part_of = serializers.SerializerMethodField()
    repaired_from = serializers.SerializerMethodField()

    class Meta:
        model = Design
        fields = [
            "id", "name", "bytes", "status", "reasons", "measurement", "source", "part_of", "parts",
            "copies", "colour", "repaired_from", "repairs", "uploaded_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_parts(self, design: Design) -> list[str]:
        return [str(part.pk) for part in parts_of_design(design) if part != design]

    def get_part_of(self, design: Design) -> UUID | None:
        return design.part_of.pk if design.part_of and design.part_of.is_kept else None

    def get_repaired_from(self, design: Design) -> UUID | None:
        return design.repaired_from.pk if design.repaired_from and design.repaired_from.is_kept else None

    @extend_schema_field(MeasurementOutput(allow_null=True))
    def get_measurement(self, design: Design) -> Any:
        return MeasurementOutput(design.measurement).data if design.measurement else None


class PictureInput(serializers.Serializer[Any]):
    angle = serializers.ChoiceField(list(ANGLES), default=THUMBNAIL)


class ConvertInput(serializers.Serializer[Any]):
    unit = serializers.ChoiceField([each.value for each in Unit])


class RepairOutput(serializers.ModelSerializer[Repair]):
    """A repair of a design: when DONE, `made` is the repaired version, a design that is measured as any."""

    reasons = ReasonOutput(many=True)

    class Meta:
        model = Repair
        fields = ["design", "status", "made", "reasons", "wanted_at"]


class EstimateInput(serializers.Serializer[Any]):
    material = serializers.ChoiceField(sorted(DENSITIES), default="PLA")
    layer_um = serializers.IntegerField(min_value=LAYER_UM_RANGE[0], max_value=LAYER_UM_RANGE[1], default=200)
    infill_percent = serializers.IntegerField(
        min_value=INFILL_RANGE[0], max_value=INFILL_RANGE[1], default=20
    )
    quantity = serializers.IntegerField(min_value=1, max_value=QUANTITY_LIMIT, default=1)


class EstimateOutput(serializers.Serializer[Any]):
    """Prices in wei. `rests_on` is geometry, scaled (geometry corrected by a slice with
    other settings) or sliced. 19 in 20 parts lie between low and high; `error_percent` is the mean error of
    time. What is null was not estimated yet when the job opened."""

    print_seconds = serializers.IntegerField()
    grams = serializers.FloatField()
    price_low = serializers.CharField()
    price_high = serializers.CharField()
    basis = serializers.CharField()
    rests_on = serializers.CharField(allow_null=True, default=None)
    error_percent = serializers.FloatField(allow_null=True, default=None)
    seconds_low = serializers.IntegerField(allow_null=True, default=None)
    seconds_high = serializers.IntegerField(allow_null=True, default=None)
    grams_low = serializers.FloatField(allow_null=True, default=None)
    grams_high = serializers.FloatField(allow_null=True, default=None)


def address_of_caller(request: Request) -> str:
    return cast(Person, request.user).address


class DesignsView(APIView):
    permission_classes = [HasScope("jobs")]
    parser_classes = [DesignParser]

    @extend_schema(
        request={"multipart/form-data": DesignInput}, responses={201: DesignOutput, 200: DesignOutput}
    )
    def post(self, request: Request) -> Response:
        """Upload a model (STL, 3MF, OBJ, PLY, GLB, STEP or a zip of such). The same file again answers 200
        with what is already there. `unit` replaces the unit the file is read in; `source.unit_guess` offers
        a likelier one, and the file sent again with it is another design."""
        sent = DesignInput(data=request.data)
        sent.is_valid(raise_exception=True)
        upload = cast(DesignUpload, sent.validated_data["file"])
        design, created = design_upload(
            owner=cast(Person, request.user), upload=upload, unit=sent.validated_data["unit"]
        )
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(DesignOutput(design).data, status=code)

    @extend_schema(responses=DesignOutput(many=True))
    def get(self, request: Request) -> Response:
        """Your designs, newest first."""
        return Response(DesignOutput(designs_of(address_of_caller(request))[:LIST_LIMIT], many=True).data)


class DesignView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(responses=DesignOutput)
    def get(self, request: Request, design: UUID) -> Response:
        """A design's status, measurements and findings, for its owner or a provider it was granted to."""
        found = design_seen_by(address_of_caller(request), design)
        return Response(DesignOutput(found).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, design: UUID) -> Response:
        """Delete your design for good: its file, picture and print file, and the keys that open them. Refused
        while a job that is not over needs it. It cannot be undone."""
        design_delete(owner=address_of_caller(request), design=design)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DesignPictureView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(parameters=[PictureInput], responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, design: UUID) -> HttpResponse:
        """640 x 480 pixels, from one of several angles; 404 until the design is measured."""
        asked = PictureInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = design_known(design)
        picture = picture_of(found, asked.validated_data["angle"])
        look_taken(person=address_of_caller(request), design=found, what=What.PICTURE)
        return kept_response(picture, "image/png")


class DesignPreviewView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(responses={(200, "model/gltf-binary"): OpenApiTypes.BINARY})
    def get(self, request: Request, design: UUID) -> HttpResponse:
        """A light GLB of at most 20,000 facets to look at, in the file's own axes under the outer node; 404
        until the design is measured."""
        found = design_known(design)
        preview = preview_taken(person=address_of_caller(request), design=found)
        return kept_response(preview, "model/gltf-binary")


class DesignConvertView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(request=ConvertInput, responses={201: DesignOutput, 200: DesignOutput})
    def post(self, request: Request, design: UUID) -> Response:
        """Read the file in another unit: another design, without sending the file again. 200 with the one
        that there is, if it is read in that unit already."""
        design_of(address_of_caller(request), design)
        sent = ConvertInput(data=request.data)
        sent.is_valid(raise_exception=True)
        made, created = design_convert(
            owner=cast(Person, request.user), design=design, unit=Unit(sent.validated_data["unit"])
        )
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(DesignOutput(made).data, status=code)


class DesignPartView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(request=None, responses={201: DesignOutput, 200: DesignOutput})
    def post(self, request: Request, design: UUID) -> Response:
        """Take what a 3MF holds (`source.things`) as parts, each to be printed by itself: another design of
        the same file, with `parts` once it is measured. The design itself stays as it is."""
        made, created = design_part(owner=cast(Person, request.user), design=design)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(DesignOutput(made).data, status=code)


class DesignRepairView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(request=None, responses={201: RepairOutput, 200: RepairOutput})
    def post(self, request: Request, design: UUID) -> Response:
        """Ask for a repair: a new version beside the design, which itself stays as it is. Asked again, it
        answers 200 with what became of it."""
        wanted, created = repair_want(owner=address_of_caller(request), design=design)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(RepairOutput(wanted).data, status=code)

    @extend_schema(responses=RepairOutput)
    def get(self, request: Request, design: UUID) -> Response:
        """What became of the repair; 404 if none was asked for."""
        wanted = repair_of(design_of(address_of_caller(request), design))
        if wanted is None:
            raise Http404
        return Response(RepairOutput(wanted).data)


class DesignFileView(APIView):
    permission_classes = [FILE_SCOPES]

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 206: OpenApiResponse()})
    def get(self, request: Request, design: UUID) -> HttpResponseBase:
        """The original file, for its designer alone; a provider takes a delivery. Understands one Range."""
        found, content, size = design_file_open(person=address_of_caller(request), design=design)
        return file_response(request._request, content, name=found.name, size=size)


class DeliveryFileView(APIView):
    permission_classes = [FILE_SCOPES]

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 206: OpenApiResponse()})
    def get(self, request: Request, delivery: UUID) -> HttpResponseBase:
        """What a provider prints, encrypted to its agent's key (age). Understands one Range."""
        found, content = delivery_open(person=address_of_caller(request), delivery=delivery)
        return file_response(request._request, content, name=f"{found.pk}.age", size=found.bytes)


class DesignEstimateView(APIView):
    permission_classes = [HasScope("jobs")]

    @extend_schema(parameters=[EstimateInput], responses=EstimateOutput)
    def get(self, request: Request, design: UUID) -> Response:
        """Time, material and a price range before any bid."""
        asked = EstimateInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        how = Settings(wanted["material"], wanted["layer_um"], wanted["infill_percent"])
        part = wanted_of(design_of(address_of_caller(request), design), how)
        return Response(estimate([part], wanted["quantity"]).to_json())


def kept_response(digest: str, content_type: str) -> HttpResponse:
    """A small file of the store."""
    with store.file_open(digest_of(digest)) as content:
        headers = {"Cache-Control": "private, max-age=86400"}
        return HttpResponse(content.read(), content_type=content_type, headers=headers)
