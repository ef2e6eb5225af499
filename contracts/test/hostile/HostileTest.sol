// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "../helpers/EscrowTest.sol";
import {Token} from "../helpers/tokens/Token.sol";

/// @notice Money in any token, and bystanders: Dora and Burt have an agreement in the native coin and one in an honest
/// token, `coin`, and whatever happens in other tokens and agreements, theirs hold their money and close.
abstract contract HostileTest is EscrowTest {
    address internal dora;
    address internal burt;
    uint256 private _burtKey;
    address internal sam; // provider of standby bids
    uint256 internal samKey;
    address internal dee = makeAddr("dee"); // who comes to withdraw elsewhere

    IEscrowTypes.Bid[2] private _theirs;

    function setUp() public virtual override {
        super.setUp();
        dora = makeAddr("dora");
        (burt, _burtKey) = makeAddrAndKey("burt");
        (sam, samKey) = makeAddrAndKey("sam");
        _theirs[0] = _bystanders(NATIVE);
        _theirs[1] = _bystanders(address(coin));
    }

    // ------------------------------------------------------------------ money in any token

    function give(address token, address to, uint256 amount) internal {
        if (token == NATIVE) vm.deal(to, to.balance + amount);
        else Token(token).mint(to, amount);
    }

    /// @dev By a plain call: not every token answers.
    function allow(address token, address owner, uint256 amount) internal {
        if (token == NATIVE) return;
        vm.prank(owner);
        (bool ok,) = token.call(abi.encodeCall(Token.approve, (address(escrow), amount)));
        assertTrue(ok, "approve");
    }

    function has(address token, address who) internal view returns (uint256) {
        return token == NATIVE ? who.balance : Token(token).balanceOf(who);
    }

    function freeIn(address token, address who) internal view returns (uint256 amount) {
        (amount,,,) = escrow.accounts(token, who);
    }

    /// @dev What somebody has, wherever it lies.
    function owns(address token, address who) internal view returns (uint256) {
        return has(token, who) + freeIn(token, who);
    }

    function prepay(address token, address owner, uint256 amount) internal {
        if (amount == 0) return;
        give(token, charlie, amount);
        allow(token, charlie, amount);
        vm.prank(charlie);
        escrow.deposit{value: token == NATIVE ? amount : 0}(token, owner, uint128(amount));
    }

    /// @dev Takes all that is free of somebody to another address.
    function takeOut(address token, address owner, address to) internal {
        uint256 amount = freeIn(token, owner);
        if (amount == 0) return;
        vm.prank(owner);
        escrow.withdraw(token, to, uint128(amount));
    }

    // ------------------------------------------------------------------ agreements in any token

    /// @dev All that an award in the bid's token needs; the price comes from the designer's value or allowance.
    function funded(IEscrowTypes.Bid memory bid, uint32 units) internal returns (uint96 price) {
        price = priceOf(bid, units);
        prepay(bid.token, bid.provider, bid.bond);
        give(bid.token, bid.designer, price);
        allow(bid.token, bid.designer, price);
    }

    function award(IEscrowTypes.Bid memory bid, uint32 units, uint256 key, bytes32 standby) internal returns (bytes32) {
        uint256 sent = bid.token == NATIVE ? priceOf(bid, units) : 0;
        bytes memory signature = sign(key, escrow.idOf(bid));
        vm.prank(bid.designer);
        return escrow.award{value: sent}(bid, signature, bid.provider, units, standby, 0, false);
    }

    function statusOf(IEscrowTypes.Bid memory bid) internal view returns (uint8) {
        return uint8(word(escrow.idOf(bid)).status);
    }

    // ------------------------------------------------------------------ bystanders

    /// @dev The last assertion of each scenario: time alone closes the bystanders' agreements, and they take all of it.
    function assertBystandersUnharmed() internal {
        skip(3 * MAX_DURATION);
        for (uint256 i; i < 2; ++i) {
            IEscrowTypes.Bid memory bid = _theirs[i];
            assertEq(statusOf(bid), uint8(IEscrowTypes.Status.DELIVERED), "bystanders' status");
            assertGe(has(bid.token, address(escrow)), uint256(bid.unitPrice) + bid.bond, "bystanders' money");
            vm.prank(charlie);
            escrow.claim(bid);
            takeOut(bid.token, burt, burt);
            assertEq(has(bid.token, burt), uint256(bid.unitPrice) + bid.bond, "bystanders paid");
        }
    }

    /// @dev What the escrow must hold for the bystanders alone.
    function held(address token) internal view returns (uint256 amount) {
        for (uint256 i; i < 2; ++i) {
            if (_theirs[i].token == token) amount = uint256(_theirs[i].unitPrice) + _theirs[i].bond;
        }
    }

    function _bystanders(address token) private returns (IEscrowTypes.Bid memory bid) {
        bid.unitPrice = 3 ether;
        bid.bond = 1 ether;
        bid.arbiter = eve;
        currency = token;
        bid = saneTerms(bid);
        (bid.provider, bid.designer) = (burt, dora);
        funded(bid, 1);
        award(bid, 1, _burtKey, 0);
        vm.prank(burt);
        escrow.deliver(bid, "head");
    }
}
