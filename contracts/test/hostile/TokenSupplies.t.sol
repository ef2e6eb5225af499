// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {DecimalsToken, Token} from "../helpers/tokens/Token.sol";
import {WaysOut} from "./WaysOut.sol";

/// @notice Tokens of any size: few decimals, many, and supplies at the edges of 96, 128 and 256 bits.
contract TokenSuppliesTest is WaysOut {
    uint256 private constant LIMIT = 2 ** 127 - 1; // of `free` after a deposit

    // ------------------------------------------------------------------ refusals

    /// @dev However large the supply, `free` keeps half its range for what agreements will still pay.
    function testFuzz_RevertWhen_ADepositPassesTheLimit(uint128 first, uint128 second) public {
        first = uint128(bound(first, 1, LIMIT));
        second = uint128(bound(second, LIMIT - first + 1, type(uint128).max));
        address token = address(new Token());
        prepay(token, bo, first);
        give(token, charlie, second);
        allow(token, charlie, second);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.DepositTooLarge.selector, uint256(first) + second, LIMIT));
        vm.prank(charlie);
        escrow.deposit(token, bo, second);
        assertEq(freeIn(token, bo), first);
    }

    /// @dev A balance that would wrap is the token's own error.
    function testFuzz_RevertWhen_TheEscrowHasAllThereIs(uint96 amount) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        address token = address(new Token());
        give(token, charlie, amount);
        vm.store(token, keccak256(abi.encode(address(escrow), 0)), bytes32(type(uint256).max));
        allow(token, charlie, amount);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, token, charlie, amount));
        vm.prank(charlie);
        escrow.deposit(token, bo, amount);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ successes

    /// @dev Above 2^96, where no price can be: in at once, out at once.
    function testFuzz_HoldsMoreThanAPriceCanBe(uint128 amount) public {
        amount = uint128(bound(amount, uint256(type(uint96).max) + 1, LIMIT));
        address token = address(new Token());
        prepay(token, bo, amount);
        takeOut(token, bo, dee);
        assertEq(Token(token).balanceOf(dee), amount);
        assertBystandersUnharmed();
    }

    /// @dev Somebody with all of a worthless token fills everybody's `free` to the limit: credits still fit.
    function testFuzz_CreditsThoughEverybodysFreeIsAtTheLimit(IEscrowTypes.Bid memory raw, uint32 units, uint8 way)
        public
    {
        address token = address(new Token());
        raw.toLedger = true;
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        for (uint256 i; i < 5; ++i) {
            uint256 room = LIMIT - freeIn(token, parties()[i]);
            prepay(token, parties()[i], room);
            fair[i] += room;
        }
        left(s);
        assertShares(token, fair);
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    /// @dev A supply of 2^256-1, nearly all of it sent to the escrow unasked: nobody's to take, in nobody's way.
    function testFuzz_ClosesBesideAnEnormousGift(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint256 gift)
        public
    {
        Token token = new Token();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        gift = bound(gift, type(uint256).max / 2, type(uint256).max - token.totalSupply());
        token.mint(address(escrow), gift);
        left(s);
        assertShares(address(token), fair);
        for (uint256 i; i < 5; ++i) {
            takeOut(address(token), parties()[i], dee);
        }
        assertEq(token.balanceOf(address(escrow)), gift);
        assertBystandersUnharmed();
    }

    /// @dev Whole units that cannot be divided: shares and fees round, and nothing is lost in between.
    function testFuzz_LosesNothingOfSmallNumbers(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint8 decimals,
        uint8[3] memory amounts
    ) public {
        address token = address(new DecimalsToken(decimals));
        raw.maxUnits = uint32(bound(raw.maxUnits, 1, 5));
        raw.unitPrice = uint96(bound(amounts[0], 1, 20));
        raw.bond = amounts[1] % 20;
        raw.disputeFee = amounts[2] % 20;
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        uint256 pot = Token(token).totalSupply();
        left(s);
        uint256 sum;
        for (uint256 i; i < 5; ++i) {
            sum += owns(token, parties()[i]);
        }
        assertEq(sum, pot);
        assertLe(owns(token, operator), (uint256(s.price) + s.bid.bond) / 10);
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }
}
