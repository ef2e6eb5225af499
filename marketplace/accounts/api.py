"""Sign-in and tokens over HTTP."""

from typing import Any, cast

from django.contrib.auth import login, logout
from django.http import Http404
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle
from rest_framework.views import APIView

from marketplace.accounts.models import Person, Token
from marketplace.accounts.scopes import ALL_SCOPES
from marketplace.accounts.selectors import tokens_of
from marketplace.accounts.services import challenge_issue, person_sign_in, token_create, token_revoke
from protocol.units import address_of

BACKEND = "marketplace.accounts.backends.SignInBackend"


class ChallengeRequest(serializers.Serializer[Any]):
    address = serializers.CharField(max_length=42)


class ChallengeAnswer(serializers.Serializer[Any]):
    message = serializers.CharField()
    expires_at = serializers.DateTimeField()


class SignInRequest(serializers.Serializer[Any]):
    message = serializers.CharField(max_length=2_000, trim_whitespace=False)
    signature = serializers.CharField(max_length=132)


class TokenRequest(SignInRequest):
    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(child=serializers.ChoiceField(ALL_SCOPES), allow_empty=False)
    days = serializers.IntegerField(min_value=1, max_value=365)


class TokenAnswer(serializers.ModelSerializer[Token]):
    class Meta:
        model = Token
        fields = ["id", "name", "scopes", "created_at", "expires_at"]


class WhoAnswer(serializers.Serializer[Any]):
    address = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())


def _person_of(request: Request) -> Person:
    """The signed-in person; routes that call it let nobody else in."""
    return cast(Person, request.user)


class SignInView(APIView):
    """Base of the routes that take or prepare a signature: open to all, limited in rate."""

    permission_classes: Any = [AllowAny]
    throttle_scope = "sign-in"

    def get_throttles(self) -> list[BaseThrottle]:
        return [ScopedRateThrottle()] if self.request.method == "POST" else []

    def signer(self, data: dict[str, Any]) -> Person:
        return person_sign_in(message=data["message"], signature=data["signature"])


class ChallengeView(SignInView):
    authentication_classes: Any = []

    @extend_schema(request=ChallengeRequest, responses=ChallengeAnswer)
    def post(self, request: Request) -> Response:
        asked = ChallengeRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        message = challenge_issue(address=address_of(asked.validated_data["address"]))
        answer = {"message": message.text(), "expires_at": message.expires_at}
        return Response(ChallengeAnswer(answer).data)


class SessionView(SignInView):
    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @extend_schema(
        request=SignInRequest, responses=inline_serializer("Session", {"address": serializers.CharField()})
    )
    def post(self, request: Request) -> Response:
        asked = SignInRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        person = self.signer(asked.validated_data)
        login(request._request, person, backend=BACKEND)
        return Response({"address": person.address})

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(responses=WhoAnswer)
    def get(self, request: Request) -> Response:
        scopes = request.auth.scopes if isinstance(request.auth, Token) else list(ALL_SCOPES)
        return Response({"address": _person_of(request).address, "scopes": scopes})


class TokensView(SignInView):
    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @extend_schema(
        request=TokenRequest,
        responses={
            201: inline_serializer(
                "NewToken",
                {
                    "id": serializers.IntegerField(),
                    "token": serializers.CharField(),
                    "scopes": serializers.ListField(child=serializers.CharField()),
                    "expires_at": serializers.DateTimeField(),
                },
            )
        },
    )
    def post(self, request: Request) -> Response:
        asked = TokenRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        token, text = token_create(
            person=self.signer(data), name=data["name"], scopes=data["scopes"], days=data["days"]
        )
        body = {**TokenAnswer(token).data, "token": text}
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(responses=TokenAnswer(many=True))
    def get(self, request: Request) -> Response:
        return Response(TokenAnswer(tokens_of(_person_of(request)), many=True).data)


class TokenView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        if not token_revoke(person=_person_of(request), token_id=token_id):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)
