"""People (an address is the person), sign-in challenges and API tokens."""

from typing import ClassVar, cast

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

ADDRESS_LENGTH = 42


class PersonManager(BaseUserManager["Person"]):
    pass


class Person(AbstractBaseUser):
    """Somebody who proved control of an address. `address` is EIP-55 checksummed."""

    # There is no password: a signature is the only way in.
    password = None  # type: ignore[assignment]

    address = models.CharField(max_length=ADDRESS_LENGTH, primary_key=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "address"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = PersonManager()

    def __str__(self) -> str:
        return self.address

    def get_session_auth_hash(self) -> str:
        return salted_hmac("accounts.Person.session", self.address, algorithm="sha256").hexdigest()


class Challenge(models.Model):
    """An EIP-4361 message this site issued. `used_at` is claimed once, by conditional UPDATE."""

    nonce = models.CharField(max_length=32, primary_key=True)
    address = models.CharField(max_length=ADDRESS_LENGTH)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.nonce} for {self.address}"


class Token(models.Model):
    """A program's key to the API. Only its digest is kept: the token is shown once, when it is made."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} of {self.person_id}"

    def allows(self, scope: str) -> bool:
        return scope in cast(list[str], self.scopes)
