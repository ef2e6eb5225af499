"""Every page, for everyone who may read it; `Browser` checks links, ids, labels and the absence of inline code."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from marketplace.bidding.services import decline_record
from marketplace.designs import store
from marketplace.designs.models import Design
from marketplace.designs.rules import SlicingStatus
from marketplace.designs.services import design_measure_next
from marketplace.jobs.models import Job
from marketplace.jobs.services import job_withdraw, jobs_settle
from marketplace.monitoring.services import presence_touch, samples_keep
from protocol.capability import Capability, Material
from protocol.units import hex_of
from tests.factories.containers import zipped
from tests.factories.market import received, registered
from tests.factories.models import box
from tests.factories.models import stl as stl_of
from tests.factories.place import place  # noqa: F401
from tests.pages.browser import read

pytestmark = pytest.mark.usefixtures("place")
PUBLIC = ["/", "/now", "/jobs", "/jobs?page=7", "/printers", "/docs/verify", "/sign-in?next=/jobs"]
MINI = Capability("FDM", (15_000, 15_000, 15_000), (Material("PLA", ("black",)),), 400, 100, 300)


def test_a_confidential_job_shows_a_bidder_no_picture(browse, posted, bo, ada):
    job = posted(shown="measurements")
    registered(bo)
    for path in (f"/jobs/{job.pk}", "/jobs"):
        html = browse(bo).client.get(path).content.decode()
        assert "/picture" not in html
        assert "/picture" in browse(ada).client.get(path).content.decode()
    assert "20 × 20 × 20 mm" in browse(bo).get(f"/jobs/{job.pk}").text
    assert "Bidders see" not in browse(bo).get(f"/jobs/{job.pk}").text


@pytest.mark.parametrize(("shown", "turned"), [("pictures", False), ("preview", True)])
def test_a_bidder_turns_the_model_in_3d_where_its_designer_lets_it(browse, posted, bo, ada, shown, turned):
    job = posted(shown=shown)
    kept = hex_of(store.bytes_save(b"glTF"))
    Design.objects.update(preview=kept, light=kept)
    registered(bo)
    for who, sees in ((ada, True), (bo, turned)):
        assert (
            f"/jobs/{job.pk}/preview" in browse(who).client.get(f"/jobs/{job.pk}").content.decode()
        ) is sees


def test_a_designs_page_is_its_designers_alone(browse, measured, ada, charlie):
    design = measured(ada)
    for path in (f"/designs/{design.pk}", f"/designs/{design.pk}/delete"):
        assert browse(charlie).client.get(path).status_code == 404
        assert browse(charlie).client.post(path).status_code in (404, 405)
        assert browse().client.get(path).status_code == 302


def test_a_design_shows_who_asked_for_its_file(browse, measured, client_of, ada, charlie):
    design = measured(ada)
    assert "Nobody, so far." in browse(ada).get(f"/designs/{design.pk}").text
    client_of(charlie).get(f"/api/v1/designs/{design.pk}/file")
    text = browse(ada).get(f"/designs/{design.pk}").text
    assert "stranger" in text
    assert "refused" in text


def test_a_design_shows_who_saw_its_pictures_and_how_often(browse, measured, client_of, ada, charlie):
    design = measured(ada)
    assert "Nobody but you, so far." in browse(ada).get(f"/designs/{design.pk}").text
    for _ in range(17):
        client_of(charlie).get(f"/api/v1/designs/{design.pk}/picture")
    text = " ".join(browse(ada).get(f"/designs/{design.pk}").text.split())
    assert "Nobody but you" not in text
    shown = text[text.index("Who saw its pictures") :]
    assert f"{charlie.address[:6]}…{charlie.address[-4:]}strangera picture17" in shown
    assert "UTCrefused" in shown


def test_deleting_a_design_is_asked_first_and_refused_while_a_job_needs_it(browse, posted, ada):
    job = posted()
    design = job.parts.get().design
    browser = browse(ada)
    assert "Secret bracket” is OPEN" in browser.get(f"/designs/{design.pk}").text
    refused = browser.client.post(f"/designs/{design.pk}/delete").content.decode()
    assert "cannot be deleted yet" in refused
    job_withdraw(designer=ada.address, job=job.pk)
    assert "It cannot be undone" in browser.get(f"/designs/{design.pk}/delete").text
    answer = browser.client.post(f"/designs/{design.pk}/delete", follow=True)
    assert "part.stl is deleted" in answer.content.decode()
    assert "deleted by its designer" in browser.get(f"/jobs/{job.pk}").text


def card(design, **changed):
    usual = {"design": str(design), "copies": "1", "material": "PLA", "colour": "any"}
    return usual | {"quality": "standard", "layer": "", "infill": ""} | changed


def sent(form, *cards):
    """What a browser sends of a form: each name of the cards as often as there are cards."""
    return form | {name: [each[name] for each in cards] for name in cards[0]}


def estimate_path(*cards, quantity="1"):
    return f"/jobs/new/estimate?{urlencode(sent({'quantity': quantity}, *cards), doseq=True)}"


def estimate(browser, *cards, quantity="1"):
    return browser.get(estimate_path(*cards, quantity=quantity)).text


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_of_an_empty_marketplace(browse, path):
    browse().get(path)


def test_public_pages_carry_the_policy(browse):
    policy = browse().client.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_home_page_counts(browse, posted, bo):
    posted()
    registered(bo)
    presence_touch(address=bo.address)
    text = " ".join(browse().get("/").text.split())
    assert "printers, 1 provider online1" in text
    assert "open job1" in text


def test_a_job_as_its_designer_sees_it(browse, posted, ada, bo, charlie):
    job = posted()
    received(bo, job, registered(bo))
    registered(charlie, MINI)
    decline_record(job=job, provider=charlie.address, reason="Too <b>large</b> for me.", printer="")
    browser = browse(ada)
    html = browser.client.get(f"/jobs/{job.pk}").content.decode()
    page = browser.get(f"/jobs/{job.pk}")
    for text in ("Secret bracket", "20 × 20 × 20 mm", "0.0123 ETH", "One bid is in", "0.02 ETH", "1 day"):
        assert text in page.text, text
    assert "Too <b>large</b> for me." in page.text
    assert "<b>large" not in html
    assert "1 registered printer can make this, 1 cannot" in page.text
    assert f'ws-connect="/ws/jobs/{job.pk}"' in html
    for section in ("status", "bids", "agreements", "facts"):
        browser.get(f"/jobs/{job.pk}/{section}")


def test_a_bidder_sees_its_own_bid(browse, posted, bo):
    job = posted()
    received(bo, job, registered(bo))
    page = browse(bo).get(f"/jobs/{job.pk}")
    assert "Your bids" in page.text
    assert "MK4-1" in page.text
    assert f"/ws/jobs/{job.pk}" in browse(bo).client.get(f"/jobs/{job.pk}").content.decode()


def test_own_pages(browse, posted, ada, bo):
    posted()
    registered(bo)
    for path in ("/account", "/designs/new", "/jobs", "/jobs?mine", "/"):
        assert "Secret bracket" in browse(ada).get(path).text or path == "/designs/new"
        browse(bo).get(path)
    assert browse(ada).leads("/jobs/new") == "/designs/new"
    assert browse(ada).leads("/sign-in") == "/"


def test_a_printer_and_its_newest_sample(browse, bo):
    printer = registered(bo)
    browse().get(f"/printers/{printer.pk}")
    said = {
        "printer": printer.pk, "agreement": None, "status": "PRINTING", "progress": None, "layer": None,
        "nozzle_c": 211.4, "bed_c": None, "position_um": None, "observed_at": 1_800_000_000,
    }  # fmt: skip
    samples_keep(samples=[said], newest=[said])
    presence_touch(address=bo.address)
    page = browse().get(f"/printers/{printer.pk}")
    for text in ("MK4-1", "220 × 220 × 250 mm", "black, white", "Printing", "211 °C, –"):
        assert text in page.text
    assert "Printing" in browse().get("/printers").text
    browse().get("/printers/0x1234", 404)


def test_a_superseded_profile_says_so(browse, bo):
    first = registered(bo)
    registered(bo, MINI, seq=2)
    assert "newer profile" in browse().get(f"/printers/{first.pk}").text


@pytest.mark.parametrize("status", ["UPLOADED", "MEASURING", "REFUSED"])
def test_a_design_before_it_is_measured(browse, upload, ada, status):
    design = upload(ada).json()["id"]
    reasons = [{"code": "empty", "message": "There is nothing in it."}] if status == "REFUSED" else []
    Design.objects.filter(pk=design).update(status=status, reasons=reasons)
    page = browse(ada).get(f"/jobs/new?design={design}")
    assert ("There is nothing in it." in page.text) == (status == "REFUSED")
    assert (f"/jobs/new/models/{design}" in page.links) == (status != "REFUSED")
    browse(ada).get(f"/jobs/new/models/{design}")
    estimate = f"/jobs/new/estimate?quantity=1&{urlencode(card(design))}"
    assert browse(ada).get(estimate).text.strip() == ""


def test_the_estimate_follows_the_form(browse, measured, ada):
    design = measured(ada, stl_of(box(40, 40, 40)))
    thin, full = (estimate(browse(ada), card(design.pk, quality=how)) for how in ("draft", "strong"))
    assert "Estimate" in thin
    assert thin != full
    assert "In all" not in thin
    own = card(design.pk, quality="own", layer="0.2", infill="50")
    assert estimate(browse(ada), own) == full
    assert estimate(browse(ada), own | {"infill": "900"}).strip() == ""
    assert estimate(browse(ada), own, quantity="0").strip() == ""


def test_the_estimate_tells_each_part_and_all(browse, upload, measured, ada):
    one, other = (
        measured(ada, stl_of(box(40, 40, 40)), "cube.stl"),
        measured(ada, stl_of(box(9, 9, 9)), "lid.stl"),
    )
    waiting = upload(ada, stl_of(box(7, 7, 7)), "late.stl").json()["id"]
    cards = [card(one.pk, copies="4", material="PETG"), card(other.pk)]
    text = " ".join(estimate(browse(ada), *cards, quantity="2").split())
    assert "cube.stl8" in text
    assert "lid.stl2" in text
    assert "In all" in text
    html = browse(ada).client.get(estimate_path(*cards)).content.decode()
    assert "data-budget" in html
    text = estimate(browse(ada), *cards, card(waiting))
    assert "Estimate so far" in text
    assert "being measured" in text


def test_the_estimate_tells_who_can_make_all_parts(browse, measured, ada, bo):
    one, other = measured(ada), measured(ada, stl_of(box(30, 30, 4)), "lid.stl")
    cards = [card(one.pk), card(other.pk, colour="white")]
    assert "No printer is listed yet." in estimate(browse(ada), *cards)
    registered(bo, MINI)
    text = estimate(browse(ada), *cards)
    assert "No listed printer can make it so." in text
    assert "lid.stl: The job needs white PLA, in stock: black." in text
    registered(bo, seq=2)
    assert "On 1 of 1 listed printers" in estimate(browse(ada), *cards)
    assert "On 1 of 1" not in estimate(browse(ada), *cards, card(one.pk, colour="green"))


def test_the_estimate_asks_again_while_a_part_is_being_sliced(browse, measured, ada):
    design = measured(ada)
    path = estimate_path(card(design.pk))
    html = browse(ada).client.get(path).content.decode()
    assert "A slicer is at it" in html
    assert "Nearly always within" in html
    assert 'data-rests-on="geometry"' in html
    assert 'hx-trigger="load delay:2s"' in html
    design.slicings.update(
        status=SlicingStatus.SLICED, seconds=1_000, extruded_mm3=900, slicer="prusa-slicer 2.5.0"
    )
    html = browse(ada).client.get(path).content.decode()
    assert 'data-rests-on="sliced"' in html
    assert "hx-get" not in html


def test_the_form_says_what_is_wrong_at_the_card_that_is(browse, measured, ada):
    design = measured(ada)
    form = {"title": "x", "quantity": "1", "days": "2", "budget": "0"}
    wrong = card(design.pk, colour="", quality="own", layer="", infill="101")
    page = read(browse(ada).client.post("/jobs/new", sent(form, card(design.pk), wrong)))
    assert "less than or equal to 100" in page.text
    assert page.text.count("This field is required.") == 2
    page = read(browse(ada).client.post("/jobs/new", sent(form, card(design.pk), card(design.pk))))
    assert "Must be 1 to" in page.text
    page = read(browse(ada).client.post("/jobs/new", sent(form, *[card(design.pk)] * 51)))
    assert "A job has 1 to 50 parts." in page.text
    assert not Job.objects.exists()


def test_what_only_own_numbers_say_does_not_hinder_a_named_quality(browse, measured, ada):
    design = measured(ada)
    form = {"title": "x", "quantity": "1", "days": "2", "budget": "1"}
    answer = browse(ada).client.post("/jobs/new", sent(form, card(design.pk, layer="9", infill="x")))
    assert answer.status_code == 302
    assert [(part.layer_um, part.infill_percent) for part in Job.objects.get().parts.all()] == [(200, 20)]


def test_a_job_of_two_parts_is_posted_and_shown(browse, measured, ada, bo, charlie):
    bracket, lid = measured(ada), measured(ada, stl_of(box(30, 30, 4)), "lid.stl")
    page = browse(ada).get(f"/jobs/new?design={bracket.pk}&design={lid.pk}")
    assert "lid.stl" in page.text
    form = {"title": "A case", "quantity": "2", "days": "2", "budget": "0.1"}
    cards = [
        card(
            bracket.pk, copies="4", material="PETG", colour="black", quality="own", layer="0.2", infill="40"
        ),
        card(lid.pk, colour="white", quality="own", layer="0.15", infill="15"),
    ]
    answer = browse(ada).client.post("/jobs/new", sent(form, *cards))
    assert answer.status_code == 302
    jobs_settle(now=timezone.now())
    job = Job.objects.get()
    names = ("copies", "material", "colour", "layer_um", "infill_percent")
    assert list(job.parts.values_list(*names)) == [
        (4, "PETG", "black", 200, 40),
        (1, "PLA", "white", 150, 15),
    ]
    registered(bo)
    for account in (ada, bo):
        text = browse(account).get(answer.url).text
        assert "PETG black, 0.2 mm layers, 40 % infill" in text
        assert "PLA white, 0.15 mm layers, 15 % infill" in text
        assert "2 × 2 parts, PETG black, PLA white" in browse(account).get("/jobs").text
    assert "PETG" not in browse(charlie).get(answer.url).text


def test_an_archive_is_offered_as_its_parts(browse, upload, ada, charlie):
    files = {"bracket.stl": stl_of(box(30, 30, 30)), "lid.stl": stl_of(box(30, 30, 4))}
    archive = upload(ada, zipped(files), "case.zip").json()["id"]
    browse(charlie).get(f"/jobs/new/parts?design={archive}", 404)
    browse(charlie).get(f"/jobs/new/models/{archive}", 404)
    while design_measure_next():
        pass
    assert f'data-split="{archive}"' in browse(ada).client.get(f"/jobs/new/models/{archive}").content.decode()
    html = browse(ada).client.get(f"/jobs/new?design={archive}").content.decode()
    assert html.count(f'<li class="card part" data-of="{archive}">') == 2
    text = browse(ada).get(f"/jobs/new/parts?design={archive}").text
    assert "30 × 30 × 30 mm" in text
    assert "30 × 30 × 4 mm" in text
    assert "The 2 parts that were found in it stay" in browse(ada).get(f"/designs/{archive}/delete").text
    assert "case.zip" in browse(ada).get("/designs/new").text
    assert "lid.stl" not in browse(ada).get("/designs/new").text


def test_problems_are_pages_here_and_documents_in_the_api(browse, settings):
    page = browse().get("/nothing/here", 404)
    assert "There is nothing here" in page.text
    answer = browse().client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500"])
def test_problem_pages_need_nothing(code):
    assert "Infill" in render_to_string(f"{code}.html")


def test_a_failure_is_a_page(browse, monkeypatch):
    from marketplace.pages.views import home

    def fail(*_):
        raise RuntimeError("planted")

    monkeypatch.setattr(home, "counters", fail)
    browser = browse()
    browser.client.raise_request_exception = False
    page = browser.get("/", 500)
    assert "Something failed on our side" in page.text
    assert "planted" not in page.text


def test_signing_out(browse, ada):
    browser = browse(ada)
    assert browser.client.get("/sign-out").status_code == 405
    browser.client.post("/sign-out")
    assert browser.leads("/account").startswith("/sign-in")
