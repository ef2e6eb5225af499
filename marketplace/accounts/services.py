"""Signing in with a key, and API tokens."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from marketplace.accounts.errors import (
    SignInAltered,
    SignInExpired,
    SignInReplayed,
    SignInUnknown,
    SignInWrongSigner,
)
from marketplace.accounts.models import Challenge, Person, Token
from marketplace.accounts.rules import SignInMessage, nonce_of, personal_digest
from marketplace.accounts.selectors import token_digest
from protocol.errors import SignatureInvalid
from protocol.signatures import recover, signature_of
from protocol.units import Address

CHALLENGE_LIFE = timedelta(minutes=5)
CHALLENGE_KEPT = timedelta(days=1)
TOKEN_PREFIX = "infill_"  # noqa: S105 - lets a leaked token be recognised


def _message_of(challenge: Challenge) -> SignInMessage:
    return SignInMessage(
        domain=urlsplit(settings.PUBLIC_URL).netloc,
        uri=settings.PUBLIC_URL,
        chain_id=settings.CHAIN_ID,
        address=Address(challenge.address),
        nonce=challenge.nonce,
        issued_at=challenge.issued_at,
        expires_at=challenge.expires_at,
    )


def challenge_issue(*, address: Address) -> SignInMessage:
    """A fresh message for `address` to sign within five minutes; long expired ones are dropped on the way."""
    now = timezone.now().replace(microsecond=0)
    Challenge.objects.filter(expires_at__lt=now - CHALLENGE_KEPT).delete()
    challenge = Challenge.objects.create(
        nonce=secrets.token_hex(16), address=address, issued_at=now, expires_at=now + CHALLENGE_LIFE
    )
    return _message_of(challenge)


def _check_signer(challenge: Challenge, message: str, signature: str) -> None:
    try:
        signer = recover(personal_digest(message), signature_of(signature))
    except SignatureInvalid as error:
        raise SignInWrongSigner(challenge.address) from error
    if signer != challenge.address:
        raise SignInWrongSigner(challenge.address)


@transaction.atomic
def person_sign_in(*, message: str, signature: str) -> Person:
    """The person who signed a message of ours; using it claims its nonce. Raises a SignInRefused.

    The nonce is claimed last, so that nobody without the key can spend it.
    """
    challenge = Challenge.objects.filter(nonce=nonce_of(message)).first()
    if challenge is None:
        raise SignInUnknown
    if message != _message_of(challenge).text():
        raise SignInAltered
    _check_signer(challenge, message, signature)
    now = timezone.now()
    if challenge.expires_at <= now:
        raise SignInExpired
    if Challenge.objects.filter(pk=challenge.pk, used_at=None).update(used_at=now) != 1:
        raise SignInReplayed
    person, _ = Person.objects.get_or_create(address=challenge.address)
    return person


def token_create(*, person: Person, name: str, scopes: Sequence[str], days: int) -> tuple[Token, str]:
    """A token for a program, and its text, which is nowhere kept."""
    text = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        person=person,
        name=name,
        digest=token_digest(text),
        scopes=sorted(set(scopes)),
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, text


def token_revoke(*, person: Person, token_id: int) -> bool:
    """End a person's own token at once; False if there is no such live token."""
    live = Token.objects.filter(pk=token_id, person=person, revoked_at=None)
    return live.update(revoked_at=timezone.now()) == 1
