"""What a newcomer is shown of three jobs that nobody posted."""

from __future__ import annotations

import io
import time
from dataclasses import replace

from rich.console import Console

from protocol.jobspec import JobSpec
from protocol.units import Wei
from provider_agent.bidding import Decline, Terms, Verdict, weigh
from provider_agent.config import Policy
from provider_agent.drivers.base import Definition, Identity
from provider_agent.estimating import estimate
from provider_agent.setup.examples import EXAMPLES, Example, example_job, examples_print
from provider_agent.setup.printers import Seen, layers_of
from tests.provider_agent.samples import MARKET, PLA, POLICY, offer


def weighed(policy: Policy = POLICY, material: str = "PLA") -> list[tuple[Example, Verdict]]:
    now = int(time.time())
    return [
        (
            one,
            weigh(
                example_job(one, material, now), [offer(now=now)], policy, MARKET, estimate=estimate, now=now
            ),
        )
        for one in EXAMPLES
    ]


def shown(found: list[tuple[Example, Verdict]]) -> str:
    told = io.StringIO()
    examples_print(found, "PLA", Console(file=told, width=200))
    return told.getvalue()


def test_every_decline_is_shown_with_its_reason() -> None:
    table = shown(weighed(replace(POLICY, bond_wei=Wei(10**21))))
    assert table.count("no bid") == len(EXAMPLES)
    assert table.count("The bond of 1000 ETH is not covered") == len(EXAMPLES)


def test_a_material_that_is_not_there_is_the_reason() -> None:
    assert "The job needs PA, the printer has PLA." in shown(weighed(material="PA"))


def test_what_a_script_says_is_shown_as_it_is() -> None:
    assert "[red]no[/] [x" in shown([(EXAMPLES[0], Verdict(Decline("[red]no[/] [x")))])


def test_small_and_middle_are_bid_for_and_the_big_one_is_too_big_for_a_usual_bed() -> None:
    found = [verdict.decision for _, verdict in weighed()]
    assert [type(one) for one in found] == [Terms, Terms, Decline]
    table = shown(weighed())
    assert "240 x 230 x 200 mm, the printer has room for 220 x 220 x 250 mm" in table
    assert "4 of 120 x 80 x 40 mm" in table


def test_a_bid_is_shown_with_the_lines_that_it_is_the_sum_of() -> None:
    found = weighed()[0][1].decision
    assert isinstance(found, Terms)
    table = shown(weighed())
    price = f"{found.price.price / 10**18:.6f}".rstrip("0")
    assert f"{price} ETH" in table
    assert "at 0.001 ETH an hour" in table
    assert "g PLA at 0.00001 ETH a gram" in table


def test_the_examples_are_jobs_as_any_other() -> None:
    for one in EXAMPLES:
        spec = example_job(one, "PLA", 10**9).spec
        assert JobSpec.from_json(spec.to_json()) == spec


def test_a_printer_is_told_without_saying_it_twice() -> None:
    who = Identity("Infill", "Infill printer", "s", "1", "infill printer")
    assert Seen(who, Definition()).text == "Infill printer, firmware 1"
    who = Identity("Prusa", "MK4\x1b[2J", "s", "6.0", "PrusaLink")
    assert Seen(who, Definition((1000, 2000, 3000), 400)).text == (
        "Prusa MK4 [2J, PrusaLink, firmware 6.0, bed 1 x 2 x 3 mm, nozzle 0.4 mm"
    )


def test_a_usual_nozzle_lays_what_the_template_says() -> None:
    assert layers_of(PLA.nozzle_um) == (PLA.min_layer_um, PLA.max_layer_um)
