"""Evidence intake through the API: refusals first."""

import pytest

from marketplace.activity.selectors import activity_of
from marketplace.evidence.models import Record
from marketplace.evidence.rules import PAYLOAD_LIMIT_BYTES
from protocol.typed import infill_domain
from protocol.units import Digest, hex_of
from tests.escrow.histories import AGREEMENT
from tests.evidence.conftest import ESCROW, SALT, Pen

URL = f"/api/v1/agreements/{AGREEMENT}/evidence"


@pytest.fixture
def send(agreement, api, bo):
    """Post a record as Bo, or as somebody else."""

    def post(signed, who=bo):
        return api(who).post(URL, signed.to_json(), format="json")

    return post


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.json()


def test_nobody_sends_or_reads_without_signing_in(agreement, api, pen):
    assert api(None).post(URL, pen.write().to_json(), format="json").status_code == 401
    assert api(None).get(URL).status_code == 401


def test_a_stranger_finds_no_agreement(send, api, charlie, pen):
    refused(send(pen.write(), who=charlie), 404, "not-found")
    refused(api(charlie).get(URL), 404, "not-found")


def test_the_other_party_cannot_send_the_providers_record(send, ada, pen):
    refused(send(pen.write(), who=ada), 403, "evidence-not-actor")


def test_a_party_cannot_send_a_strangers_record(send, charlie, network):
    refused(send(Pen(charlie, network).write()), 403, "evidence-not-actor")


def test_a_record_signed_by_another_key_is_refused(send, pen, charlie):
    refused(send(pen.sign(pen.record(), by=charlie)), 422, "signature-invalid")


def test_a_record_signed_for_another_chain_is_refused(send, pen):
    refused(send(pen.sign(pen.record(), domain=infill_domain(1, ESCROW))), 422, "signature-invalid")


def test_a_log_starts_with_zero(send, pen):
    answer = refused(send(pen.sign(pen.record(seq=1))), 409, "evidence-out-of-order")
    assert answer["expected_seq"] == 0


def test_a_gap_names_the_resume_point(send, pen):
    send(pen.write())
    answer = refused(send(pen.sign(pen.record(seq=5))), 409, "evidence-out-of-order")
    assert answer["expected_seq"] == 1
    assert Record.objects.count() == 1


def test_a_wrong_previous_digest_is_refused(send, pen):
    send(pen.write())
    refused(send(pen.sign(pen.record(previous=Digest(b"x" * 32)))), 422, "evidence-broken")


def test_a_record_of_another_agreement_is_refused(send, pen):
    refused(send(pen.sign(pen.record(agreement=Digest(b"x" * 32)))), 422, "evidence-broken")


def test_an_altered_payload_is_refused(send, pen):
    refused(send(pen.sign(pen.record(), {"salt": SALT, "layer": 1})), 422, "evidence-broken")


def test_a_payload_without_salt_is_refused(send, pen):
    payload = {"layer": 1}
    refused(send(pen.sign(pen.record(payload), payload)), 422, "malformed")


def test_an_unknown_kind_is_refused(send, pen):
    refused(send(pen.sign(pen.record(kind="rumour"))), 422, "evidence-broken")


def test_a_record_from_the_future_is_refused(send, pen):
    refused(send(pen.sign(pen.record(observed_at=2**40 - 1))), 422, "evidence-from-future")


def test_time_does_not_run_backwards(send, pen):
    send(pen.write())
    earlier = pen.last.record.observed_at - 1
    refused(send(pen.sign(pen.record(observed_at=earlier))), 422, "evidence-broken")


def test_a_large_payload_is_refused(send, pen):
    payload = {"salt": SALT, "samples": "x" * PAYLOAD_LIMIT_BYTES}
    refused(send(pen.sign(pen.record(payload), payload)), 413, "evidence-too-large")


@pytest.mark.parametrize(
    "body", [[], "text", {}, {"record": {}, "payload": {}, "signature": "0x"}, {"record": 1}]
)
def test_what_is_no_record_is_refused(agreement, api, bo, body):
    assert api(bo).post(URL, body, format="json").status_code == 422


def test_another_record_at_a_used_seq_is_a_conflict(send, pen):
    first = pen.write()
    send(first)
    rewritten = pen.sign(pen.record(seq=0, previous=Digest(bytes(32)), kind="print failed"))
    refused(send(rewritten), 409, "evidence-conflict")
    assert Record.objects.get().digest == hex_of(first.record.digest(pen.domain))


def test_the_same_record_again_counts_once(send, pen):
    first, second = pen.write(), pen.write()
    assert send(first).status_code == 201
    assert send(second).status_code == 201
    again = send(first)
    assert again.status_code == 200
    assert again.json() == {"seq": 0, "digest": hex_of(first.record.digest(pen.domain))}
    assert Record.objects.count() == 2
    assert activity_of(f"agreement:{AGREEMENT}").filter(kind="evidence.appended").count() == 2


def test_both_parties_read_both_logs_as_they_were_signed(send, api, ada, bo, pen, network):
    payload = {"salt": SALT, "layer_mm": 0.2, "tiny": 1e-7, "name": "né"}
    provider = [pen.write(), pen.write(payload)]
    designer = Pen(ada, network).write(kind="received")
    for signed in provider:
        assert send(signed).status_code == 201
    assert send(designer, who=ada).status_code == 201
    expected = {"provider": [signed.to_json() for signed in provider], "designer": [designer.to_json()]}
    assert api(ada).get(URL).json() == api(bo).get(URL).json() == expected
