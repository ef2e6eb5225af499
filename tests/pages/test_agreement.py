"""A job under a real agreement on a real chain, as its parties and strangers see it."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from click.testing import CliRunner
from django.utils import timezone

from auditor.cli import main as infill_audit
from marketplace.chain.models import SentTransaction
from marketplace.chain.tasks import fates
from marketplace.escrow.models import Agreement
from protocol.evidence import Kind
from protocol.typed import infill_domain
from protocol.units import hex_of
from tests.bidding.chained import KEY, revoke_key, set_key
from tests.evidence.conftest import SALT, Pen


@pytest.fixture
def awarded(deal, bo) -> Agreement:
    deal.post_job(quantity=2)
    return deal.award(deal.bid(bo))


@pytest.fixture
def told(deal, bo, awarded):
    """Bo's evidence for the agreement, sent as an agent does."""
    pen = Pen(bo, infill_domain(deal.anvil.chain_id, deal.escrow), agreement=awarded.pk)

    def tell(kind: Kind, **payload):
        signed = pen.write({"salt": SALT, **payload}, kind=kind.value)
        answer = deal.asks(bo, f"agreements/{awarded.pk}/evidence", signed.to_json())
        assert answer.status_code == 201, answer.json()
        return signed

    return tell


def test_strangers_find_no_agreement(deal, browse, awarded, charlie, dee):
    for account in (charlie, dee):
        browse(account).get(f"/agreements/{awarded.pk}", 404)
        html = browse(account).client.get(f"/jobs/{deal.job.pk}").content.decode()
        assert awarded.pk not in html
        assert "0.02" not in html
    assert browse().leads(f"/agreements/{awarded.pk}").startswith("/sign-in")
    html = browse().client.get(f"/jobs/{deal.job.pk}").content.decode()
    assert awarded.pk not in html
    assert "Awarded" in html


@pytest.mark.parametrize("path", ["/agreements/0x", "/agreements/nonsense", "/agreements/0x" + "00" * 32])
def test_no_such_agreement(browse, ada, path):
    browse(ada).get(path, 404)


def test_a_bidder_who_lost_sees_its_bid_alone(deal, browse, charlie, bo):
    deal.post_job(quantity=2)
    deal.bid(charlie, unit_price=3 * 10**16)
    won = deal.award(deal.bid(bo))
    deal.finalise()
    html = browse(charlie).client.get(f"/jobs/{deal.job.pk}").content.decode()
    assert "Not chosen" in html
    assert won.pk not in html
    assert bo.address not in html


def test_both_parties_are_led_to_the_job(deal, browse, awarded, ada, bo):
    for account in (ada, bo):
        to = browse(account).leads(f"/agreements/{awarded.pk}")
        assert to == f"/jobs/{deal.job.pk}#agreement-{awarded.pk}"
        assert f"agreement-{awarded.pk}" in browse(account).get(f"/jobs/{deal.job.pk}").ids


def test_an_agreement_whose_job_is_elsewhere_has_a_page(deal, browse, awarded, ada):
    Agreement.objects.filter(pk=awarded.pk).update(job=None)
    assert "posted elsewhere" in browse(ada).get(f"/agreements/{awarded.pk}").text


def test_from_award_to_payment(deal, browse, awarded, told, ada, bo):
    path = f"/jobs/{deal.job.pk}"
    page = browse(ada).get(path)
    for text in (
        "Being made",
        "not final yet",
        "0.02 ETH",
        "0.021 ETH",
        "Bid awarded, price held",
        "Refund from",
    ):
        assert text in page.text, text
    assert "Hand over the design now" in page.text
    assert "Hand over the design now" not in browse(bo).get(path).text

    deal.end_grace()
    told(Kind.SLICED, slicer="cura", layers=90, grams=10.96, print_seconds=2079)
    head = told(Kind.PRINT_FINISHED, layers=90)
    text = browse(ada).get(path).text
    assert "Sliced: cura, 90 layers, 11.0 g, 35 min" in text
    assert "provider · record 1" in text

    digest = hex_of(head.record.digest(infill_domain(deal.anvil.chain_id, deal.escrow)))
    deal.takes(bo, f"agreements/{awarded.pk}/deliver", {"head": digest})
    assert "Accept and pay" in browse(ada).get(path).text
    assert "Accept and pay" not in browse(bo).get(path).text
    assert "the designer is looking at it" in browse(bo).get(path).text

    deal.takes(ada, f"agreements/{awarded.pk}/release")
    deal.finalise()
    page = browse(ada).get(path)
    for text in (
        "Done: made, accepted and paid",
        "accepted and paid by the designer",
        "0 ETH",
        "To the provider",
    ):
        assert text in page.text, text
    assert "Accept and pay" not in page.text
    assert "not final yet" not in page.text
    browse(ada).get("/account")


def test_a_stranger_reads_nothing_of_a_parcel(deal, browse, awarded, told, charlie):
    told(Kind.SHIPPED, carrier="DHL", tracking="JJD 0000 1")
    html = browse(charlie).client.get(f"/jobs/{deal.job.pk}").content.decode()
    assert "JJD 0000 1" not in html


def test_what_is_measured_packed_and_shipped_is_shown_to_both(deal, browse, awarded, told, ada, bo):
    path = f"/jobs/{deal.job.pk}"
    assert "Parts and parcel" not in browse(ada).get(path).text
    told(Kind.MEASURED, part="lid.stl", size_um=[20_020, 19_980, 10_050], weight_mg=4_500)
    told(Kind.PACKED, weight_mg=41_250)
    told(Kind.SHIPPED, carrier="DHL", tracking="<b>JJD</b>")
    for account in (ada, bo):
        text = browse(account).get(path).text
        for said in ("Parts and parcel", "lid.stl", "20.02 x 19.98 x 10.05 mm, 4.5 g", "41.2 g", "DHL"):
            assert said in text, said
        assert "Shipped: DHL, number <b>JJD</b>" in text, "others' words are text"


def test_buttons_follow_the_steps(deal, browse, awarded, ada, bo):
    """What somebody else can do, or nobody yet, is no button."""
    path = f"/jobs/{deal.job.pk}"

    def buttons(account):
        html = browse(account).client.get(path).content.decode()
        return set(re.findall(r'<button[^>]* data-wallet="([a-z-]+)"', html))

    assert (buttons(ada), buttons(bo)) == ({"release", "cancel"}, {"cancel", "give-up"})
    Agreement.objects.update(refund_from=awarded.awarded_at, grace_until=awarded.awarded_at)
    deal.anvil.advance(1)
    deal.follow()
    assert (buttons(ada), buttons(bo)) == ({"release", "refund"}, {"refund", "give-up"})
    deal.takes(bo, f"agreements/{awarded.pk}/deliver", {"head": "0x" + "11" * 32})
    assert (buttons(ada), buttons(bo)) == ({"release", "dispute"}, set())
    assert '{"head":"0x' + "00" * 32 in browse(ada).client.get(path).content.decode()
    deal.anvil.advance(86_401)
    deal.follow()
    assert (buttons(ada), buttons(bo)) == ({"release", "claim"}, {"claim"})


def test_steps_that_ask_something_are_forms(deal, browse, awarded, ada, bo):
    path = f"/jobs/{deal.job.pk}"

    def forms(account):
        return re.findall(
            r'<form[^>]* data-wallet="([a-z-]+)"', browse(account).client.get(path).content.decode()
        )

    assert forms(ada) == ["settle", "release"]
    assert forms(bo) == ["deliver", "redeem", "settle"]
    browse(bo).get(path)
    deal.takes(ada, f"agreements/{awarded.pk}/release")
    assert (forms(ada), forms(bo)) == ([], [])


def test_an_open_job_offers_units_standby_and_the_free_balance(deal, browse, ada, bo, charlie):
    deal.follow()
    bids = [deal.bid(bo), deal.bid(charlie)]
    path = f"/jobs/{deal.job.pk}"
    html = browse(ada).client.get(path).content.decode()
    assert "Award with other choices" in browse(ada).get(path).text
    assert all(html.count(f'<option value="{bid.pk}">') == 2 for bid in bids)
    assert "Award with other choices" not in browse(bo).get(path).text


def test_a_bid_by_a_hot_key_names_it_and_a_withdrawn_one_says_why(deal, browse, ada, bo):
    set_key(deal, bo)
    deal.bid(bo, key=KEY)
    path = f"/jobs/{deal.job.pk}"
    assert f"signed by its hot key {KEY.address[:8]}" in browse(ada).get(path).text
    revoke_key(deal, bo)
    text = browse(ada).get(path).text
    assert "may not sign for the provider any more" in text
    assert "Award with other choices" not in text


def test_the_fate_of_what_was_sent_is_shown_to_its_sender(deal, browse, awarded, ada, bo):
    path = f"/jobs/{deal.job.pk}"
    assert "Your transactions" not in browse(ada).get(path).text
    body = {"hash": awarded.award_transaction, "step": "award", "agreement": awarded.pk}
    assert deal.asks(ada, "transactions", body).status_code == 201
    for text in ("Your transactions", "In a block", "Award", "has not finalised yet"):
        assert text in browse(ada).get(path).text
    assert "Your transactions" not in browse(bo).get(path).text
    deal.finalise()
    SentTransaction.objects.update(due_at=timezone.now())
    assert fates() == 1
    assert "for good" in browse(ada).get(f"{path}/sent").text


def test_the_command_on_the_page_is_the_auditors(deal, browse, awarded, told, ada, settings, tmp_path):
    """What the page says to run runs, with the bundle the page links to."""
    settings.DEMO_WALLET = True
    deal.end_grace()
    told(Kind.JOB_SPEC, bid=awarded.pk)
    page = browse(ada).get(f"/jobs/{deal.job.pk}")
    command = shlex.split(re.search(r"infill-audit .+?\.zip", page.text)[0])
    bundle = next(link for link in page.links if link.endswith("/bundle"))
    name = command[command.index("--bundle") + 1]
    answer = browse(ada).client.get(bundle)
    assert f'filename="{name}"' in answer["Content-Disposition"]
    (tmp_path / name).write_bytes(answer.content)
    command[command.index("--bundle") + 1] = str(tmp_path / name)
    done = CliRunner().invoke(infill_audit, command[1:])
    assert done.exit_code in (0, 1), done.output
    assert "The provider signed the bid" in done.output


def test_an_auditor_finds_a_bid_by_a_hot_key_signed(deal, ada, bo, tmp_path):
    """The bundle names the key; that it was live then, the chain says."""
    set_key(deal, bo)
    bid = deal.bid(bo, key=KEY)
    deal.award(bid)
    deal.end_grace()
    revoke_key(deal, bo)
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(deal.reads(ada, f"agreements/{bid.pk}/bundle").content)
    place = ["--rpc", deal.anvil.url, "--contract", deal.escrow, "--bundle", str(bundle), "--json"]
    done = CliRunner().invoke(infill_audit, [bid.pk, *place])
    [check] = [each for each in json.loads(done.output)["checks"] if each["name"] == "bid-signature"]
    assert (check["passed"], check["findings"], check["skipped"]) == (True, [], None)


def test_outside_a_demo_the_command_names_no_node(deal, browse, awarded, ada, settings):
    settings.DEMO_WALLET = False
    assert "--rpc YOUR_NODE" in browse(ada).get(f"/jobs/{deal.job.pk}").text
