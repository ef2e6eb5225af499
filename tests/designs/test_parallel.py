"""Two measuring tasks at once, each on a connection of its own, both having read the same rows."""

from functools import partial

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from marketplace.designs import queue, rotation, services
from marketplace.designs.access import look_taken
from marketplace.designs.models import AddressKey, Design, Viewing
from marketplace.designs.rules import UploadQuotaExceeded, What
from marketplace.designs.scratch import Scratch
from marketplace.designs.services import design_claim, design_grant_create, design_upload
from marketplace.designs.uploads import DesignUpload
from protocol.units import Digest, digest_of
from tests.factories.models import box, stl
from tests.parallel import at_once, meeting_after

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def claims(monkeypatch):
    """Claim twice at once: neither writes before both have read."""

    def claim_twice():
        monkeypatch.setattr(queue, "check_transition", meeting_after(queue.check_transition, 2))
        return at_once(*[lambda: design_claim(now=timezone.now())] * 2)

    return claim_twice


def test_one_design_is_claimed_by_one_task_alone(claims, upload, ada):
    upload(ada)
    claimed = claims()
    assert sorted(design is None for design in claimed) == [False, True]
    design = Design.objects.get()
    assert (design.status, design.attempts) == ("MEASURING", 1)


def test_of_two_designs_each_task_claims_one(claims, upload, ada):
    """Both want the oldest; who loses it goes on to the next, so none waits for a sweep."""
    upload(ada)
    upload(ada, stl(box(5, 5, 5)))
    claimed = claims()
    assert len({design.pk for design in claimed}) == 2
    assert set(Design.objects.values_list("status", "attempts")) == {("MEASURING", 1)}


def received(data: bytes) -> DesignUpload:
    """A file as the upload handler leaves it."""
    scratch, running = Scratch(), services.store.addressing()
    scratch.write(data)
    running.update(data)
    return DesignUpload(scratch, "part.stl", Digest(running.digest()), len(data))


@pytest.fixture
def uploads(store, person, ada, monkeypatch):
    """Upload files at once: none is kept before all have been checked. For each, whether it was new, or the refusal."""

    def one(data):
        try:
            with received(data) as upload:
                return design_upload(owner=person(ada), upload=upload)[1]
        except UploadQuotaExceeded:
            return UploadQuotaExceeded

    def all_at_once(*files):
        monkeypatch.setattr(
            services.store, "chunks_save", meeting_after(services.store.chunks_save, len(files))
        )
        return at_once(*[lambda data=data: one(data) for data in files])

    return all_at_once


def test_the_last_free_bytes_go_to_one_of_two_uploads(uploads, settings):
    settings.UPLOAD_QUOTA_BYTES = 150
    assert sorted(uploads(b"a" * 100, b"b" * 100), key=str) == [UploadQuotaExceeded, True]
    assert Design.objects.count() == 1


def test_one_file_uploaded_twice_at_once_is_one_design_and_opens(uploads, store):
    """Each is encrypted under a key of its own; one is kept, and nothing is left of the other."""
    assert sorted(uploads(b"same", b"same")) == [False, True]
    assert b"".join(services.store.file_chunks(digest_of(Design.objects.get().digest))) == b"same"
    assert len([path for path in (store / "designs").rglob("*") if path.is_file()]) == 1


def test_the_first_two_uploads_of_a_site_share_one_key_of_addresses(store, monkeypatch):
    assert not AddressKey.objects.exists()
    monkeypatch.setattr(services.store, "wrap", meeting_after(services.store.wrap, 2))
    first, second = at_once(*[services.store.address_key] * 2)
    assert first == second
    assert AddressKey.objects.count() == 1


def test_two_rotations_at_once_wrap_each_key_once(store, settings, monkeypatch):
    kept = [services.store.bytes_save(bytes([number])) for number in range(4)]
    settings.DESIGN_KEYS = [Fernet.generate_key().decode(), *settings.DESIGN_KEYS]
    monkeypatch.setattr(rotation, "wrapped_anew", meeting_after(rotation.wrapped_anew, 2))
    assert sum(at_once(*[rotation.keys_rotate] * 2)) == len(kept) + 1
    settings.DESIGN_KEYS = settings.DESIGN_KEYS[:1]
    assert [b"".join(services.store.file_chunks(each)) for each in kept] == [bytes([n]) for n in range(4)]


def test_two_looks_at_once_are_one_row_that_counts_both(measured, ada, bo):
    design = measured(ada)
    design_grant_create(design=design.pk, provider=bo.address, agreement="0x" + "11" * 32)
    look = partial(look_taken, person=bo.address, design=design, what=What.PICTURE)
    at_once(look, look)
    assert Viewing.objects.values_list("viewer", "given", "count").get() == (bo.address, True, 2)
