// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

/// @notice Where each value lies in storage: bundles prove these words by `eth_getProof`, so they must not move.
contract WordsTest is EscrowTest {
    uint256 private constant ACCOUNTS = 0;
    uint256 private constant AGENTS = 1;
    uint256 private constant AGREEMENTS = 2;
    uint256 private constant STANDBY_OF = 3;
    uint256 private constant MANDATES = 4;
    uint256 private constant MANDATE_OF = 5;

    /// @dev From the low end: status u8, flags u8, clock u40, price u96, paid u96.
    function testFuzz_AnAgreementIsOneWord(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        uint256 paid = partlyReleased(bid, units, part);
        uint256 expected = uint256(uint8(IEscrowTypes.Status.AWARDED)) | START << 16 | uint256(priceOf(bid, units))
            << 56 | paid << 152;
        assertEq(uint256(vm.load(address(escrow), keccak256(abi.encode(id, AGREEMENTS)))), expected);
    }

    /// @dev From the low end: free u128, epoch u32, completed u32, failed u32.
    function testFuzz_AnAccountIsOneWord(IEscrowTypes.Bid memory raw, uint32 units, uint96 amount) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        awarded(bid, saneUnits(bid, units));
        skip(uint256(bid.makeTime) + REDEEM_WINDOW + 1);
        escrow.refund(bid);
        fund(bo, amount);
        bytes32 place = keccak256(abi.encode(bo, keccak256(abi.encode(currency, ACCOUNTS))));
        assertEq(uint256(vm.load(address(escrow), place)), uint256(1) << 192 | amount);
    }

    function testFuzz_AStandbyIsOneWord(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = awarded(bid, saneUnits(bid, units), standby);
        assertEq(vm.load(address(escrow), keccak256(abi.encode(id, STANDBY_OF))), standby);
    }
}
