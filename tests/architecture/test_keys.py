"""G5: the marketplace has one key, its own, and one file of it turns a key into something that signs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps

from marketplace.config import settings as configured

ROOT = Path(__file__).parents[2] / "marketplace"
MAKERS = {"from_key", "from_mnemonic", "PrivateKey"}
"""What turns bytes into an account; Account.create makes a new one."""
SIGNERS = {"sign_transaction", "sign_message", "sign_typed_data", "unsafe_sign_hash", "sign_msg_hash"}
ALLOWED = {
    "chain/signing.py": {"from_key", "sign_transaction"},
    "bidding/operator.py": {"unsafe_sign_hash"},
    # Looks whether what was configured is a key at all, and whose.
    "config/guards.py": {"PrivateKey"},
}


def used(source: str) -> set[str]:
    """What a module uses of MAKERS and SIGNERS."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in SIGNERS | MAKERS:
            names.add(node.attr)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) == "Account.create":
            names.add("create")
        elif isinstance(node, ast.Name) and node.id in MAKERS:
            names.add(node.id)
    return names


@pytest.mark.parametrize(
    "source",
    [
        "Account.from_key(text)",
        "Account.create()",
        "wallet.sign_transaction({})",
        "who.sign_typed_data(full_message=x)",
        "PrivateKey(b'')",
    ],
)
def test_a_key_that_is_used_is_found(source):
    assert used(source)


def test_a_key_becomes_an_account_in_one_file_and_signs_in_two():
    found = {str(path.relative_to(ROOT)): used(path.read_text()) for path in sorted(ROOT.rglob("*.py"))}
    assert {path: names for path, names in found.items() if names} == ALLOWED


def test_no_row_and_no_setting_but_the_operators_holds_a_key():
    words = ("private", "secret", "mnemonic", "seed")
    fields = [field for model in apps.get_models() for field in model._meta.get_fields()]
    assert [field for field in fields if any(word in field.name.lower() for word in words)] == []
    keys = [name for name in vars(configured) if name.endswith("_KEY") and name != "SECRET_KEY"]
    assert keys == ["OPERATOR_KEY"]
