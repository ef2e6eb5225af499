// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {EscrowSigning} from "../helpers/Consents.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {EscrowHandler} from "./EscrowHandler.sol";
import {Ghosts} from "./Ghosts.sol";

/// @notice I1 to I6 of PROTOCOL.md section 3, in plain words and as checks.
abstract contract Invariants is EscrowSigning {
    uint256 private constant CURRENCIES = 5;
    uint256 private constant WEALTH = 1e33;
    EscrowHandler internal _world;

    function _checkAll() internal {
        _checkThatTheBalanceCoversAllThatIsOwed();
        _checkThatNoAgreementPaysMoreThanItHeld();
        _checkThatAnIdIsUsedOnce();
        _checkThatMoneyReachesOnlyTheNamed();
        _checkThatMoneyIsConserved();
    }

    /// @dev I1: in every currency the escrow holds what is free and what open agreements hold: never less, and more only
    /// by what came unasked.
    function _checkThatTheBalanceCoversAllThatIsOwed() internal {
        for (uint256 c; c < CURRENCIES; ++c) {
            currency = _world.currencies(c);
            assertEq(money(address(escrow)), _world.owed(currency) + _world.forced(currency), "I1");
        }
    }

    /// @dev I2: what an agreement pays out came into it: its price, its bond, and a dispute fee if there was a dispute.
    /// While it is open that is what its word says is paid; when it is closed it is everything, to the last unit.
    function _checkThatNoAgreementPaysMoreThanItHeld() internal view {
        for (uint256 i; i < _world.count(); ++i) {
            bytes32 id = _world.ids(i);
            Ghosts.Ghost memory ghost = _world.ghostOf(id);
            IEscrowTypes.Agreement memory a = word(id);
            uint256 pot = uint256(a.price) + ghost.bond + (ghost.disputed ? ghost.disputeFee : 0);
            assertEq(ghost.cameIn, pot, "I2: what came in");
            bool closed = a.status == IEscrowTypes.Status.CLOSED;
            assertEq(ghost.wentOut, closed ? pot : a.paid, "I2: what went out");
        }
    }

    /// @dev I3: an id is awarded once, ever; and the tombstone of a closed agreement never changes again.
    function _checkThatAnIdIsUsedOnce() internal view {
        for (uint256 i; i < _world.count(); ++i) {
            bytes32 id = _world.ids(i);
            Ghosts.Ghost memory ghost = _world.ghostOf(id);
            assertEq(ghost.awards, 1, "I3: awards");
            if (ghost.tombstone != 0) assertEq(_world.tombstoneOf(id), ghost.tombstone, "I3: tombstone");
            else assertTrue(word(id).status != IEscrowTypes.Status.NONE, "I3: forgotten");
        }
    }

    /// @dev I5: an agreement's money reached only its provider, designer, arbiter and fee receiver, or the agreement of its
    /// named standby; and nobody lost anything but by an own call or signature.
    function _checkThatMoneyReachesOnlyTheNamed() internal view {
        assertEq(_world.strayed(), 0, "I5: strayed");
        assertEq(_world.robbed(), 0, "I5: robbed");
        assertEq(_world.breaches(), 0, "I5: went through and must not");
    }

    /// @dev I6: what people and the escrow have together never changes, but for what came unasked.
    function _checkThatMoneyIsConserved() internal {
        for (uint256 c; c < CURRENCIES; ++c) {
            currency = _world.currencies(c);
            uint256 sum = money(address(escrow));
            for (uint256 i; i < _world.peopleCount(); ++i) {
                sum += money(_world.people(i));
            }
            assertEq(sum, WEALTH * _world.peopleCount() + _world.forced(currency), "I6");
        }
    }

    /// @dev Beside the six: the open agreements of a mandate never hold more units than it gives, and a hot key never has
    /// more left to lock than it was given less what it locked.
    function _checkThatLimitsHold() internal view {
        for (uint256 i; i < _world.mandateCount(); ++i) {
            IEscrowTypes.Mandate memory mandate = _world.mandateAt(i);
            (uint32 used,) = escrow.mandates(mandateDigest(mandate));
            assertLe(used, mandate.units, "mandate overspent");
            assertGe(used, _openUnitsUnder(mandateDigest(mandate)), "units forgotten");
        }
        for (uint256 c; c < CURRENCIES; ++c) {
            for (uint256 p = 2; p < 5; ++p) {
                for (uint256 k = 10; k < 12; ++k) {
                    (address token, address provider, address key) =
                        (_world.currencies(c), _world.people(p), _world.people(k));
                    (, uint96 left) = escrow.agents(token, provider, key);
                    assertEq(left, _world.mayLock(token, provider, key), "hot key");
                }
            }
        }
    }

    /// @dev I4: a stranger and time alone close every agreement, under whatever chain id; then everybody takes out all
    /// that is theirs, and nothing is left but what came unasked.
    function _checkThatTimeAloneLetsAllMoneyOut() internal {
        if (_world.count() % 2 == 1) vm.chainId(1);
        skip(3 * MAX_DURATION);
        for (uint256 i; i < _world.count(); ++i) {
            _closeByAStranger(_world.bidAt(i));
        }
        for (uint256 c; c < CURRENCIES; ++c) {
            currency = _world.currencies(c);
            for (uint256 i; i < _world.peopleCount(); ++i) {
                _takeAll(_world.people(i));
            }
            assertEq(money(address(escrow)), _world.forced(currency), "I4");
        }
    }

    // ------------------------------------------------------------------ steps

    function _closeByAStranger(IEscrowTypes.Bid memory bid) internal {
        bytes32 id = escrow.idOf(bid);
        IEscrowTypes.Status status = word(id).status;
        vm.startPrank(makeAddr("stranger"));
        if (status == IEscrowTypes.Status.AWARDED) escrow.refund(bid);
        if (status == IEscrowTypes.Status.DELIVERED) escrow.claim(bid);
        if (status == IEscrowTypes.Status.DISPUTED) escrow.expire(bid);
        vm.stopPrank();
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED), "I4: open");
    }

    function _takeAll(address owner) private {
        uint128 amount = uint128(free(owner));
        if (amount == 0) return;
        vm.prank(owner);
        escrow.withdraw(currency, makeAddr("elsewhere"), amount);
    }

    function _openUnitsUnder(bytes32 mandate) private view returns (uint256 units) {
        for (uint256 i; i < _world.count(); ++i) {
            bytes32 id = _world.ids(i);
            if (escrow.mandateOf(id) != mandate || word(id).status == IEscrowTypes.Status.CLOSED) continue;
            units += word(id).price / _world.bidAt(i).unitPrice;
        }
    }
}
