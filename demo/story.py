"""The main job, told in the terminal: from a designer's sign-in to an auditor's verdict, on real parts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo import audit, cast
from demo.designer import Designer, Refused, messages
from demo.parts import PARTS, Part
from demo.place import Place
from demo.stack import Stack
from demo.telling import ether_rounded, evidence_text
from demo.terminal import Terminal

HOUR = 3600
MEASURE_SECONDS = 60
BID_SECONDS = 25
MAKING_SECONDS = 90
POLL_SECONDS = 0.2
GRAMS_TEXT = "{:.1f} g"


class StoryFailed(Exception):
    """A step of the story did not come out as it must."""


class Story:
    """One telling. `run` raises StoryFailed, Refused or NodeError where a step fails."""

    def __init__(self, stack: Stack, place: Place, terminal: Terminal) -> None:
        self._stack = stack
        self._place = place
        self._say = terminal
        self._ada = Designer(cast.ada(), place.url, stack.node)
        self._charlie = Designer(cast.charlie(), place.url, stack.node)
        self._network: dict[str, Any] = {}
        self._job = ""
        self._agreement = ""
        self._gas: dict[str, int] = {}

    def run(self) -> None:
        """Tell it, start to end."""
        self._sign_in()
        designs = self._upload()
        began = time.monotonic()
        self._post(designs)
        bid = self._collect_bids()
        self._refuse_stranger(designs[0])
        self._award(bid)
        self._watch_the_print()
        self._accept(bid)
        self._tell_pace(bid)
        self._audit()
        self._end(time.monotonic() - began)

    def _sign_in(self) -> None:
        self._say.step("Designer Ada signs in with Ethereum, with a key of her own")
        self._network = self._ada.get("network")
        self._ada.sign_in()
        self._charlie.sign_in(("read",))
        self._say.say(f"{self._ada.key.address} on chain {self._network['chain_id']}")
        self._say.look(f"{self._place.url}/")

    def _upload(self) -> list[str]:
        self._say.step("She uploads two models and sees what they are")
        designs = [str(self._ada.upload(part.model)["id"]) for part in PARTS]
        for part, design in zip(PARTS, designs, strict=True):
            self._describe(part, design)
        self._say.look(f"{self._place.url}/designs")
        return designs

    def _describe(self, part: Part, design: str) -> None:
        found = self._until(lambda: self._measured(design), MEASURE_SECONDS, "the measurement")
        measured = found["measurement"]
        size = " x ".join(f"{length / 1000:.1f}" for length in measured["size_um"])
        volume = f"{measured['volume_mm3'] / 1000:.1f} cm³"
        closed = "closed" if measured["watertight"] else "NOT closed"
        if part is PARTS[0]:
            self._say.picture(self._ada.download(f"designs/{design}/picture"))
        self._say.say(f"{part.file}: {size} mm, {volume}, {measured['triangles']:,} triangles, {closed}")
        estimate = self._ada.get(f"designs/{design}/estimate", **part.how, quantity=part.copies)
        grams = GRAMS_TEXT.format(float(estimate["grams"]))
        minutes = estimate["print_seconds"] / 60
        low, high = (ether_rounded(int(estimate[name])) for name in ("price_low", "price_high"))
        self._say.say(f"  {part.words}: {minutes:.0f} min, {grams}, {low} to {high}")

    def _measured(self, design: str) -> Any:
        found = self._ada.get(f"designs/{design}")
        if found["status"] == "REFUSED":
            raise StoryFailed(f"the design was refused: {found['reasons']}")
        return found if found["status"] == "MEASURED" else None

    def _post(self, designs: list[str]) -> None:
        self._say.step("She posts the job: one bracket in black and two spacers in white, within two days")
        posted = self._ada.post(
            "jobs",
            title="Shelf bracket with spacers",
            parts=[part.asked(design) for part, design in zip(PARTS, designs, strict=True)],
            quantity=1,
            deadline=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 48 * HOUR)),
            budget=str(10**16),
        )
        self._job = posted["id"]
        opened = self._until(self._opened, 20, "the job's opening")
        self._say.say(f"job {self._job}, public only as {opened['job_digest']}")
        self._say.look(f"{self._place.url}/jobs/{self._job}")

    def _opened(self) -> Any:
        found = self._ada.get(f"jobs/{self._job}")
        if found["status"] == "REFUSED":
            raise StoryFailed(f"the job was refused: {found['reasons']}")
        return found if found["status"] != "MEASURING" else None

    def _collect_bids(self) -> dict[str, Any]:
        self._say.step("Three agents receive it over their sockets, and decide by their owners' policies")
        wanted = len(cast.PROVIDERS)
        with self._ada.watching(self._job) as socket:
            answers = self._answers()
            for _ in messages(socket, BID_SECONDS) if answers < wanted else ():
                answers = self._answers()
                if answers >= wanted:
                    break
        bids = self._ada.get(f"jobs/{self._job}/bids")
        declines = self._ada.get(f"jobs/{self._job}/declines")
        if len(bids) < 2 or not declines:
            raise StoryFailed(f"expected two bids and a decline, found {len(bids)} and {len(declines)}")
        rows = [
            [str(bid["rank"]), self._name(bid["provider"]), ether_rounded(int(bid["price"]))] for bid in bids
        ]
        hours = [f"{bid['make_time'] / HOUR:.1f} h" for bid in bids]
        prints = [f"{bid['expected_seconds'] / 60:.0f} min" for bid in bids]
        self._say.table(
            ["rank", "provider", "price", "makes it within", "printing about"],
            [[*row, *times] for row, *times in zip(rows, hours, prints, strict=True)],
        )
        for decline in declines:
            self._say.say(f"{self._name(decline['provider'])} declines: {decline['reason']}")
        best: dict[str, Any] = bids[0]
        return best

    def _answers(self) -> int:
        return len(self._ada.get(f"jobs/{self._job}/bids")) + len(self._ada.get(f"jobs/{self._job}/declines"))

    def _refuse_stranger(self, design: str) -> None:
        self._say.step("Stranger Charlie asks for the design")
        try:
            self._charlie.download(f"designs/{design}/file")
        except Refused as refusal:
            self._say.refused(str(refusal))
        else:
            raise StoryFailed("a stranger could download the design")

    def _award(self, bid: dict[str, Any]) -> None:
        self._agreement = bid["id"]
        self._say.step(f"Ada awards {self._name(bid['provider'])} with a transaction that she signs herself")
        prepared = self._ada.post(f"bids/{self._agreement}/award")
        receipt = self._ada.send(prepared["transaction"])
        self._note_gas("award", receipt)
        self._say.say(f"{ether_rounded(int(prepared['price']))} held by the escrow {self._network['escrow']}")
        self._say.look(f"transaction {receipt['transactionHash']}, block {int(receipt['blockNumber'], 16)}")

    def _watch_the_print(self) -> None:
        self._say.step(
            "The agent sees the award final on its own node, fetches the designs, slices and prints them: the"
            " two spacers share a plate"
        )
        seen = 0
        with self._ada.watching(self._job) as socket, self._say.progress("printing") as progress:
            for message in messages(socket, MAKING_SECONDS):
                if message["type"] == "telemetry":
                    self._show(progress, message)
                    continue
                seen = self._tell_evidence(seen)
                if self._agreed()["status"] in ("DELIVERED", "CLOSED"):
                    break
        self._tell_evidence(seen)
        if self._agreed()["status"] not in ("DELIVERED", "CLOSED"):
            raise StoryFailed(f"not delivered within {MAKING_SECONDS} s; see {self._place.home / 'logs'}")
        self._say.say("delivered on chain, with the head of the evidence log")
        self._say.look(f"{self._place.url}/agreements/{self._agreement}")

    def _show(self, progress: Any, telemetry: dict[str, Any]) -> None:
        nozzle = telemetry.get("nozzle_c") or 0.0
        text = f"layer {telemetry.get('layer') or 0}, nozzle {nozzle:.0f} °C"
        progress.update(progress.task_ids[0], completed=telemetry.get("progress") or 0.0, description=text)

    def _tell_evidence(self, seen: int) -> int:
        records = self._ada.get(f"agreements/{self._agreement}/evidence")["provider"]
        for signed in records[seen:]:
            self._say.say(evidence_text(signed))
        return len(records)

    def _agreed(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ada.get(f"agreements/{self._agreement}")
        return found

    def _accept(self, bid: dict[str, Any]) -> None:
        self._say.step("Ada holds the parts, accepts them, and the money moves")
        before = self._stack.node.balance(bid["provider"])
        self._ada.record_receipt(self._agreement, self._network, "a bracket and two spacers, as ordered")
        receipt = self._ada.send(self._ada.post(f"agreements/{self._agreement}/release")["transaction"])
        self._note_gas("release", receipt)
        got = self._stack.node.balance(bid["provider"]) - before
        price = ether_rounded(int(bid["price"]))
        self._say.say(f"{self._name(bid['provider'])} received {ether_rounded(got)} of {price}, less the fee")
        self._say.look(f"transaction {receipt['transactionHash']}")
        self._until(self._paid_for_good, 20, "a final payment")

    def _paid_for_good(self) -> bool:
        found = self._agreed()
        return bool(found["final"]) and found["status"] == "CLOSED"

    def _tell_pace(self, bid: dict[str, Any]) -> None:
        printer = self._ada.get(f"printers/{bid['printer']}")
        counted = printer["prints_counted"]
        prints = f"by {counted} print{'s' * (counted != 1)} of a single copy"
        self._say.say(f"{printer['serial']} takes {printer['pace']:.2f} times as long as estimated, {prints}")
        self._say.look(f"{self._place.url}/printers/{bid['printer']}")

    def _audit(self) -> None:
        self._say.step("Auditor Dee verifies it all with a node and a bundle, without the marketplace")
        bundle = self._place.home / f"{self._agreement[:10]}.bundle.zip"
        bundle.write_bytes(self._ada.download(f"agreements/{self._agreement}/bundle"))
        clean = self._verdict(bundle)
        self._say.console.print(clean.output)
        if clean.code != 0:
            raise StoryFailed(f"the audit of an honest bundle ended with {clean.code}")
        self._say.look(clean.command)
        self._say.step("One byte of the bundle is changed")
        altered = audit.change_one_byte(bundle)
        found = self._verdict(altered)
        self._say.console.print(found.complaints)
        if found.code != 1:
            raise StoryFailed(f"the audit of an altered bundle ended with {found.code}")

    def _verdict(self, bundle: Path) -> audit.Verdict:
        columns = self._say.console.width
        models = [part.model for part in PARTS]
        where = (self._place.rpc_url, self._network["escrow"], bundle)
        return audit.run(self._agreement, *where, models=models, columns=columns)

    def _end(self, seconds: float) -> None:
        gas = ", ".join(f"{name} {used:,}" for name, used in self._gas.items())
        self._say.title(f"From posting to the audit's end: {seconds:.0f} s. Gas: {gas}.")

    def _note_gas(self, name: str, receipt: dict[str, Any]) -> None:
        self._gas[name] = int(receipt["gasUsed"], 16)

    def _name(self, address: str) -> str:
        return self._stack.names.get(address, address)

    def _until(self, check: Callable[[], Any], seconds: float, what: str) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._stack.children.check()
            if found := check():
                return found
            time.sleep(POLL_SECONDS)
        raise StoryFailed(f"{what} did not happen within {seconds:.0f} s; see {self._place.home / 'logs'}")
