"""Material on spools: promised once, taken off as it is printed, given back on every way out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from protocol.capability import Capability, Material
from protocol.statuses import BidStatus
from protocol.units import Digest, Wei
from provider_agent.bidding import Decline, Terms, weigh
from provider_agent.cli import main
from provider_agent.errors import MakingFailed, NoStock
from provider_agent.estimating import estimate, milligrams_of
from provider_agent.journal.attempts import attempt_intend
from provider_agent.journal.bids import bid_end, bid_get
from provider_agent.journal.facts import fact
from provider_agent.journal.makings import file_find, file_set, making_add
from provider_agent.journal.spools import (
    spool_add,
    spool_choose,
    spool_find,
    spool_load,
    spool_remove,
    spool_use,
    spool_weigh,
    spools,
    stock_again,
    stock_kept,
    stock_of,
    stock_reserve,
)
from provider_agent.journal.store import journal_open
from provider_agent.making.ending import attempt_fail
from provider_agent.making.plate import loaded_name
from provider_agent.making.printing import produce
from provider_agent.making.slicing import GCODE
from provider_agent.pricing import Item, Use
from provider_agent.printers import profile_sign
from provider_agent.stock import Spool, allot, capability_in_stock, spools_at
from tests.provider_agent.bids import bid_journal
from tests.provider_agent.desk import making
from tests.provider_agent.samples import MARKET, PLA, POLICY, config_toml, job, offer, part, spec

ONE, TWO = Digest(bytes([1]) * 32), Digest(bytes([2]) * 32)
NOW = 1_800_000_000
COPY = milligrams_of(part())


def on_spool(identity: str = "a", **changes) -> Spool:
    usual = Spool(identity, "PLA", "black", "L1", 10 * COPY, 0, None, "")
    return replace(usual, **changes)


def added(journal, identity: str = "a", **changes) -> None:
    usual = {"material": "PLA", "colour": "black", "lot": "L1", "left_mg": 10 * COPY}
    spool_add(journal, identity, **{**usual, **changes})


def promised(journal, agreement: Digest, milligrams: int, spool: str = "a") -> None:
    bid_journal(journal, agreement)
    stock_reserve(journal, agreement, [Use("PLA", milligrams, Wei(1), spool)])


class TestAllotting:
    @pytest.mark.parametrize(
        "spool",
        [
            on_spool(material="PETG"),
            on_spool(colour="white"),
            on_spool(left_mg=COPY - 1),
            on_spool(held_mg=10 * COPY),
            on_spool(left_mg=COPY, held_mg=2 * COPY),
        ],
    )
    def test_what_is_not_on_a_spool_is_refused(self, spool) -> None:
        with pytest.raises(NoStock, match=r"g PLA black, on spools there are .* enough for 0 of them"):
            allot(spec(), [spool], POLICY)

    def test_no_copy_is_split_over_two_spools(self) -> None:
        halves = [on_spool("a", left_mg=COPY // 2), on_spool("b", left_mg=COPY - 1)]
        with pytest.raises(NoStock):
            allot(spec(), halves, POLICY)

    def test_a_spool_on_another_printer_is_not_near(self) -> None:
        found = [on_spool("a", printer="p2"), on_spool("b", left_mg=5), on_spool("c", printer="p1")]
        assert [spool.id for spool in spools_at(found, "p1")] == ["c", "b"]

    def test_parts_that_need_a_colour_come_before_those_that_take_any(self) -> None:
        both = spec(parts=(part(colour="any"), part(name="lid.stl")))
        found = allot(both, [on_spool("a", left_mg=COPY), on_spool("b", colour="red", left_mg=COPY)], POLICY)
        assert [(use.spool, use.milligrams) for use in found] == [("a", COPY), ("b", COPY)]

    def test_each_spool_has_its_price_or_the_policys(self) -> None:
        two = [on_spool("a", left_mg=COPY, gram_wei=Wei(5)), on_spool("b")]
        found = allot(spec(quantity=3), two, POLICY)
        assert [(use.spool, use.gram_wei) for use in found] == [("a", 5), ("b", POLICY.gram_wei)]

    @given(
        left=st.lists(st.integers(0, 12 * COPY), max_size=4),
        copies=st.integers(1, 4),
        quantity=st.integers(1, 4),
    )
    def test_it_gives_what_is_needed_and_no_more_than_there_is(self, left, copies, quantity) -> None:
        wanted = spec(parts=(part(copies=copies),), quantity=quantity)
        there = [on_spool(str(number), left_mg=weight) for number, weight in enumerate(left)]
        fitting = sum(weight // COPY for weight in left)
        if fitting < copies * quantity:
            with pytest.raises(NoStock):
                allot(wanted, there, POLICY)
            return
        given_off = {use.spool: use.milligrams for use in allot(wanted, there, POLICY)}
        assert sum(given_off.values()) == copies * quantity * COPY
        assert all(given_off.get(spool.id, 0) <= spool.free_mg for spool in there)

    def test_a_bid_needs_the_material_and_has_its_price(self) -> None:
        found = job(spec(deadline=NOW + 10 * 86_400))
        bare, full, free = (
            weigh(
                found,
                [replace(offer(now=NOW), spools=stock)],
                POLICY,
                MARKET,
                estimate=estimate,
                now=NOW,
            ).decision
            for stock in ((), (on_spool(gram_wei=Wei(10**15)),), None)
        )
        assert isinstance(bare, Decline)
        assert "on spools there are 0.0 g free" in bare.reason
        assert isinstance(full, Terms)
        assert isinstance(free, Terms)
        line = next(line for line in full.price.lines if line.item is Item.MATERIAL)
        assert (line.wei, "of spool a" in line.what) == (COPY * 10**12, True)
        assert full.price.price > free.price.price

    def test_the_colours_on_spools_are_those_that_are_registered(self) -> None:
        able = Capability(
            "FDM", (1, 1, 1), (Material("PLA", ("black",)), Material("PETG", ())), 400, 100, 300
        )
        found = [on_spool(colour="red"), on_spool("b", colour="red"), on_spool("c", material="ABS")]
        assert capability_in_stock(able, found).materials == (Material("PLA", ("red",)),)
        assert capability_in_stock(able, [on_spool("c", material="ABS")]) is None
        assert capability_in_stock(able, [on_spool(left_mg=0)]) is None


class TestJournal:
    def test_an_id_is_used_once_and_an_unknown_one_is_refused(self, journal) -> None:
        added(journal)
        with pytest.raises(NoStock, match="another id"):
            added(journal)
        for act in (spool_find, spool_remove):
            with pytest.raises(NoStock, match="no spool 'b'; those in stock: a"):
                act(journal, "b")
        with pytest.raises(NoStock):
            spool_load(journal, "b", "p1", alone=True)
        with pytest.raises(NoStock):
            spool_weigh(journal, "b", 1)

    def test_what_is_promised_is_not_promised_again(self, journal) -> None:
        added(journal)
        promised(journal, ONE, 9 * COPY)
        bid_journal(journal, TWO)
        with pytest.raises(NoStock, match="free by now"):
            stock_reserve(journal, TWO, [Use("PLA", 2 * COPY, Wei(1), "a")])
        assert stock_of(journal, TWO) == {}

    def test_a_spool_that_a_bid_knows_is_not_forgotten(self, journal) -> None:
        added(journal)
        promised(journal, ONE, COPY)
        with pytest.raises(NoStock, match="say that it is empty"):
            spool_remove(journal, "a")
        added(journal, "b")
        spool_remove(journal, "b")
        assert [spool.id for spool in spools(journal)] == ["a"]

    def test_empty_spools_are_a_stock_of_nothing(self, journal) -> None:
        assert not stock_kept(journal)
        added(journal)
        spool_weigh(journal, "a", 0)
        assert (spools(journal), stock_kept(journal)) == ([], True)
        spool_weigh(journal, "a", 5)
        assert [spool.left_mg for spool in spools(journal)] == [5]

    def test_a_lost_bid_gives_its_material_back_and_an_award_after_all_takes_it_again(self, journal) -> None:
        added(journal)
        promised(journal, ONE, COPY)
        bid_end(journal, ONE, BidStatus.LOST)
        assert spool_find(journal, "a").held_mg == 0
        stock_again(journal, ONE)
        assert spool_find(journal, "a").held_mg == COPY

    def test_one_spool_on_a_printer_unless_it_changes_them_itself(self, journal) -> None:
        added(journal, "a")
        added(journal, "b")
        spool_load(journal, "a", "p1", alone=True)
        spool_load(journal, "b", "p1", alone=True)
        assert [spool.printer for spool in spools(journal)] == ["", "p1"]
        spool_load(journal, "a", "p1", alone=False)
        assert [spool.printer for spool in spools(journal)] == ["p1", "p1"]

    def test_a_print_is_taken_off_once_and_off_what_was_promised(self, journal) -> None:
        added(journal)
        promised(journal, ONE, 3 * COPY)
        making_add(journal, agreement=ONE, units=1, block=1, transaction="0x00")
        attempt = attempt_intend(journal, ONE, 0, "p1", ".gcode")
        spool_use(journal, attempt, 1.0)
        for _ in range(2):
            chosen = spool_choose(journal, attempt, material="PLA", colour="any", milligrams=COPY)
            assert chosen.id == "a"
        for _ in range(2):
            spool_use(journal, attempt, 1.0)
        found = spool_find(journal, "a")
        assert (found.left_mg, found.held_mg) == (9 * COPY, 2 * COPY)

    def test_what_is_on_the_printer_is_printed_off_before_what_was_promised(self, journal) -> None:
        for identity in ("a", "b", "c"):
            added(journal, identity)
        added(journal, "d", colour="white")
        promised(journal, ONE, COPY)
        making_add(journal, agreement=ONE, units=1, block=1, transaction="0x00")
        spool_load(journal, "b", "p1", alone=False)
        spool_load(journal, "d", "p1", alone=False)
        spool_load(journal, "c", "p2", alone=False)
        attempt = attempt_intend(journal, ONE, 0, "p1", ".gcode")
        assert spool_choose(journal, attempt, material="PLA", colour="black", milligrams=1).id == "b"

    def test_a_print_of_what_is_on_no_spool_has_none(self, journal) -> None:
        added(journal, colour="white")
        bid_journal(journal, ONE)
        making_add(journal, agreement=ONE, units=1, block=1, transaction="0x00")
        attempt = attempt_intend(journal, ONE, 0, "p1", ".gcode")
        assert spool_choose(journal, attempt, material="PLA", colour="black", milligrams=1) is None


class TestMaking:
    @pytest.fixture
    def stocked(self, context, queued) -> Digest:
        """Won with a promise of one copy off spool a, whose slicer says two copies' weight."""
        added(context.journal)
        stock_reserve(context.journal, queued, [Use("PLA", COPY, Wei(1), "a")])
        row = file_find(context.journal, queued, 0, GCODE)
        heavy = replace(row, facts={**row.facts, "grams": 2 * COPY / 1000})
        file_set(context.journal, queued, 0, GCODE, heavy)
        return queued

    async def test_the_lot_is_in_the_evidence_and_the_grams_are_off_the_spool(self, context, stocked) -> None:
        await produce(context, making(context, stocked))
        found = spool_find(context.journal, "a")
        assert (found.left_mg, found.held_mg) == (8 * COPY, 0)
        written = [row["signed"] for row in context.journal.rows("SELECT signed FROM evidence ORDER BY seq")]
        assert all('"lot": "L1"' in one and '"spool": "a"' in one for one in written[:2])

    async def test_a_failed_print_takes_off_what_it_had_come_to(self, context, stocked) -> None:
        attempt = attempt_intend(context.journal, stocked, 0, "p1", ".gcode")
        spool_choose(context.journal, attempt, material="PLA", colour="black", milligrams=2 * COPY)
        sample = '{"progress": 0.5, "observed_at": 1}'
        context.journal.insert("samples", attempt=attempt.id, observed_at=1, sample=sample)
        attempt_fail(context.journal, context.log_of(stocked), attempt, "jammed")
        assert spool_find(context.journal, "a").left_mg == 9 * COPY

    async def test_without_spools_the_evidence_says_nothing_of_them(self, context, queued) -> None:
        await produce(context, making(context, queued))
        written = context.journal.row("SELECT signed FROM evidence ORDER BY seq")["signed"]
        assert '"spool"' not in written

    async def test_an_agreement_that_ends_unpaid_gives_its_material_back(
        self, context, stocked, monkeypatch
    ) -> None:
        from provider_agent import runner

        async def over(*_) -> None:
            raise MakingFailed("over")

        monkeypatch.setattr(runner, "STEPS", dict.fromkeys(runner.STEPS, over))
        await runner.run_making(context, stocked)
        assert (spool_find(context.journal, "a").held_mg, stock_of(context.journal, stocked)) == (0, {})
        assert bid_get(context.journal, stocked).status is BidStatus.AWARDED


def test_a_printer_registers_its_stock_only_if_its_owner_says_so(journal, wallet, chain, context) -> None:
    added(journal, colour="red")
    entry = context.config.printers[0]
    plain = profile_sign(journal, entry, wallet=wallet, domain=chain.infill)
    assert plain.capability == PLA
    wanted = replace(entry, materials_from_stock=True)
    followed = profile_sign(journal, wanted, wallet=wallet, domain=chain.infill)
    assert followed.capability.materials == (Material("PLA", ("red",)),)
    assert profile_sign(journal, wanted, wallet=wallet, domain=chain.infill) == followed
    spool_weigh(journal, "a", 0)
    assert profile_sign(journal, wanted, wallet=wallet, domain=chain.infill).capability == PLA


class TestCommands:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        (tmp_path / "agent.toml").write_text(config_toml())
        return tmp_path

    def run(self, home: Path, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--home", str(home), "spool", *arguments])

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            (("add", "a", "Marble", "white", "5"), "Marble"),
            (("add", "../a", "PLA", "white", "5"), "is no id"),
            (("add", "a", "PLA", "white", "much"), "write grams like 742.5"),
            (("add", "a", "PLA", "white", "nan"), "no weight from 0"),
            (("add", "a", "PLA", "white", "0"), "has something on it"),
            (("load", "a", "p1"), "no spool 'a'; those in stock: none"),
            (("load", "a", "p9"), "the printers are p1"),
        ],
    )
    def test_what_is_no_stock_is_refused(self, home, arguments, problem) -> None:
        result = self.run(home, *arguments)
        assert result.exit_code != 0
        assert problem in result.stderr

    def test_a_spool_from_the_shop_to_the_bin(self, home) -> None:
        assert "not limited" in self.run(home, "list").output
        made = self.run(home, "add", "a1", "PLA", "black", "742.5", "--lot", "L7", "--gram", "0.00002")
        assert made.exit_code == 0, made.output
        assert self.run(home, "load", "a1", "p1").exit_code == 0
        shown = self.run(home, "list").output
        assert all(word in shown for word in ("a1", "PLA black", "742.5 g", "p1", "L7"))
        assert '"gram_wei": "20000000000000"' in self.run(home, "list", "--json").output
        assert self.run(home, "weigh", "a1", "10").exit_code == 0
        assert self.run(home, "empty", "a1").exit_code == 0
        assert "every spool is empty" in self.run(home, "list").output
        assert self.run(home, "remove", "a1").exit_code == 0

    def test_loading_says_which_filament_is_on_the_printer(self, home) -> None:
        self.run(home, "add", "a1", "PLA", "black", "742.5")
        self.run(home, "load", "a1", "p1")
        journal = journal_open(home / "journal.sqlite3")
        assert fact(journal, loaded_name("p1")) == "PLA black"
        journal.close()
