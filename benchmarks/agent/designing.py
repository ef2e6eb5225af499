"""A designer with many jobs at once: posted, awarded, and when what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import trimesh

from benchmarks.agent.workshop import Workshop
from demo import cast
from demo.designer import Designer
from demo.parts import Part
from demo.story import HOUR

BUDGET_WEI = 10**17
EDGE_MM = 30.0
CUBE = Part("cube.stl", copies=1, colour="black", layer_um=200)


@dataclass(frozen=True)
class Bid:
    """An agreement to be, and how long (seconds) after its job was posted its bid was received."""

    agreement: str
    after_s: float


class Designing:
    """Designer Ada, signed in, with one small model measured."""

    def __init__(self, place: Workshop) -> None:
        self._place = place
        self._ada = Designer(cast.ada(), place.stack.place.url, place.stack.node)
        self._ada.sign_in()
        model = place.stack.place.home / "cube.stl"
        model.write_bytes(bytes(trimesh.creation.box([EDGE_MM] * 3).export(file_type="stl")))
        self._design = str(self._ada.upload(model)["id"])
        place.until(self._measured, "the measurement")

    def bids(self, jobs: int) -> list[Bid]:
        """Post so many jobs as fast as they are taken, and wait for a bid for each."""
        posted = dict(self._posted() for _ in range(jobs))
        self._place.until(lambda: len(self._received(posted)) == jobs, f"a bid for each of {jobs} jobs")
        return [
            Bid(agreement, received - posted[job])
            for job, (agreement, received) in self._received(posted).items()
        ]

    def award(self, bids: Sequence[Bid]) -> dict[str, int]:
        """Award all, as close together as can be: agreement -> the block."""
        prepared = [self._ada.post(f"bids/{bid.agreement}/award")["transaction"] for bid in bids]
        node = self._place.stack.node
        digests = [node.push(raw) for raw in self._ada.signed(prepared)]
        blocks = [int(node.mined(digest)["blockNumber"], 16) for digest in digests]
        return {bid.agreement: block for bid, block in zip(bids, blocks, strict=True)}

    def _posted(self) -> tuple[str, float]:
        """A job, and when it was sent."""
        now = time.time()
        found = self._ada.post(
            "jobs",
            title="Cube",
            parts=[CUBE.asked(self._design)],
            quantity=1,
            deadline=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 48 * HOUR)),
            budget=str(BUDGET_WEI),
        )
        return str(found["id"]), now

    def _received(self, posted: dict[str, float]) -> dict[str, tuple[str, float]]:
        """Job -> its bid, and when that was received."""
        rows = self._place.database.execute(
            "SELECT job_id::text, id, extract(epoch FROM received_at) FROM bidding_bid"
        ).fetchall()
        return {job: (agreement, float(at)) for job, agreement, at in rows if job in posted}

    def _measured(self) -> bool:
        return bool(self._ada.get(f"designs/{self._design}")["status"] == "MEASURED")
