"""The prices: what the config allows and no owner can have meant."""

from __future__ import annotations

import os
from pathlib import Path

from protocol.units import Wei, ether_text
from provider_agent.config import Policy
from provider_agent.doctor.checks import Check, Finding, failed, ok, warning
from provider_agent.doctor.subject import Subject


def policy_checks(subject: Subject) -> list[Check]:
    """Prices and the script."""

    async def prices() -> Finding:
        return prices_finding(subject.config.policy)

    async def script() -> Finding:
        return _script(subject.home, subject.config.policy)

    return [Check("prices", prices), Check("script", script)]


def prices_finding(policy: Policy) -> Finding:
    """Whether they leave a bid that is worth making."""
    if policy.ceiling_wei is not None and policy.ceiling_wei <= policy.minimum_wei:
        return failed(
            f"no price passes the ceiling of {ether_text(policy.ceiling_wei)}: the minimum is"
            f" {ether_text(policy.minimum_wei)}",
            "raise policy.ceiling_wei, or lower policy.minimum_wei",
        )
    if policy.max_bids_per_hour == 0:
        return warning("policy.max_bids_per_hour is 0", "raise it: nothing is bid for so")
    if not policy.machine_hour_wei and not policy.gram_wei and not policy.setup_wei:
        return warning(
            "time, material and set-up all cost nothing", "see [policy]: you would print for the minimum"
        )
    lowest = max(policy.minimum_wei, policy.floor_wei)
    if policy.bond_wei > 10 * max(lowest, Wei(1)):
        return warning(
            f"the bond of {ether_text(policy.bond_wei)} is over ten times the lowest price,"
            f" {ether_text(lowest)}",
            "see policy.bond_wei: it is lost with a job that is not delivered",
        )
    ceiling = "no ceiling" if policy.ceiling_wei is None else f"at most {ether_text(policy.ceiling_wei)}"
    return ok(f"a job costs at least {ether_text(lowest)}, {ceiling}")


def _script(home: Path, policy: Policy) -> Finding:
    if policy.script is None:
        return ok("no script has a word in prices")
    path = home / policy.script
    if not (path.is_file() and os.access(path, os.X_OK)):
        return failed(
            f"{path} is no program that may be run", "chmod +x it, or take policy.script out: no bids so"
        )
    return ok(f"{path} may be run")
