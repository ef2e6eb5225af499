// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../contracts/src/interfaces/IEscrowTypes.sol";

/// @notice Emits the logs of agreements that are awarded, delivered and paid, as the escrow does, and keeps no money.
contract Emitter is IEscrowTypes {
    uint256 public made;

    /// @param agreements how many; each has three logs
    /// @param rest logs of deposits besides
    function emitLogs(uint256 agreements, uint256 rest) external {
        Bid memory bid;
        bid.designer = address(0xADA);
        bid.provider = address(0xB0);
        bid.jobDigest = keccak256("job");
        bid.unitPrice = 1e15;
        (bid.minUnits, bid.maxUnits) = (1, 5);
        (bid.makeTime, bid.reviewTime, bid.arbiterTime) = (86_400, 86_400, 86_400);
        for (uint256 i; i < agreements; ++i) {
            bid.salt = ++made;
            bytes32 id = keccak256(abi.encode(bid.salt));
            emit Awarded(id, bid.designer, bid.provider, bid, 2, 0, 0);
            emit Delivered(id, keccak256(abi.encode(id)));
            emit Paid(id, 2e15, 0, How.RELEASED);
        }
        for (uint256 i; i < rest; ++i) {
            emit Deposited(address(0), bid.designer, bid.designer, 1);
        }
    }
}
