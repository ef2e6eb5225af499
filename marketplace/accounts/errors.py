"""Why somebody could not sign in."""

from protocol.errors import InfillError


class SignInRefused(InfillError):
    """Base: nobody was signed in."""

    code = "sign-in-refused"
    http_status = 403


class SignInUnknown(SignInRefused):
    """The message carries no nonce of this site."""

    code = "sign-in-unknown"

    def __init__(self) -> None:
        super().__init__("This site never issued that message: ask POST auth/challenge for one and sign it.")


class SignInAltered(SignInRefused):
    """The message carries a nonce of ours but is another text."""

    code = "sign-in-altered"

    def __init__(self) -> None:
        super().__init__(
            "The signed message is not the one this site issued: its domain, address, URI, chain or times "
            "differ. Sign the text of POST auth/challenge unchanged."
        )


class SignInExpired(SignInRefused):
    """The message came too late."""

    code = "sign-in-expired"

    def __init__(self) -> None:
        super().__init__("The message has expired: ask POST auth/challenge for a new one.")


class SignInWrongSigner(SignInRefused):
    """The signature is not the address's own."""

    code = "sign-in-wrong-signer"

    def __init__(self, address: str) -> None:
        super().__init__(
            f"The signature is not by {address}: sign with that key (contract wallets cannot yet)."
        )


class SignInReplayed(SignInRefused):
    """The message was used before."""

    code = "sign-in-replayed"

    def __init__(self) -> None:
        super().__init__("This message was used before: ask POST auth/challenge for a new one.")
