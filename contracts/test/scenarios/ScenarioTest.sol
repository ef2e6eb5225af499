// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Cases} from "../helpers/Cases.sol";

/// @notice Cases with a second provider, Burt, whose bids stand by.
/// @dev Each scenario is a sentence of PROTOCOL.md that says what must not happen. tests/contracts/naive.py names, for each,
/// the escrow that a hurried author would have written, and checks that the scenario's test fails on it.
abstract contract ScenarioTest is Cases {
    address internal burt;
    uint256 internal burtKey;

    function setUp() public virtual override {
        super.setUp();
        (burt, burtKey) = makeAddrAndKey("burt");
    }

    /// @dev A case of more than one unit of price, so that it can be paid in parts; never under a mandate.
    function divisible(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Case memory c) {
        c = drawn(raw, units);
        plain(c);
    }

    function plain(Case memory c) internal pure {
        c.mandated = false;
        c.bid.toLedger = false;
        c.bid.unitPrice = uint96(bound(c.bid.unitPrice, 10, MAX_AMOUNT / c.bid.maxUnits + 10));
    }

    /// @dev Burt's bid for the same job, at most `most` in all.
    function standbyFor(Case memory c, uint256 most) internal view returns (IEscrowTypes.Bid memory standby) {
        standby = abi.decode(abi.encode(c.bid), (IEscrowTypes.Bid));
        standby.provider = burt;
        (standby.minUnits, standby.maxUnits) = (c.units, c.units);
        standby.unitPrice = uint96(bound(c.bid.salt, 1, most / c.units));
        standby.validUntil = type(uint40).max;
        standby.salt = uint256(keccak256(abi.encode(c.bid.salt)));
    }

    /// @dev A case that names Burt's bid, which price and bond can pay.
    function withStandby(IEscrowTypes.Bid memory raw, uint32 units)
        internal
        returns (Case memory c, IEscrowTypes.Bid memory standby)
    {
        c = divisible(raw, units);
        standby = standbyFor(c, uint256(priceOf(c.bid, c.units)) + c.bid.bond);
        award(c, escrow.idOf(standby));
    }

    function takeOver(Case memory c, IEscrowTypes.Bid memory standby) internal returns (bytes32) {
        bytes memory signature = sign(burtKey, escrow.idOf(standby));
        vm.prank(charlie);
        return escrow.reaward(c.bid, standby, signature, burt);
    }

    function refusal(bytes memory data, bytes memory reason, address caller) internal {
        vm.prank(caller);
        (bool ok, bytes memory answer) = address(escrow).call(data);
        assertFalse(ok, "went through");
        assertEq(answer, reason);
    }

    function statusOf(bytes32 id) internal view returns (IEscrowTypes.Status) {
        return word(id).status;
    }

    function failedAt(Case memory c) internal pure returns (uint256) {
        return c.clock + c.bid.makeTime + REDEEM_WINDOW;
    }
}
