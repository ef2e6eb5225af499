// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IEscrowTypes} from "../interfaces/IEscrowTypes.sol";

/// @title Payments
/// @notice Moving money to receivers, and with tokens, that nobody trusts. Token zero is the native coin.
library Payments {
    using SafeERC20 for IERC20;

    /// @dev What a receiver may spend: enough for a smart wallet behind a proxy.
    uint256 internal constant PUSH_GAS = 50_000;
    /// @dev What must be left so that PUSH_GAS really arrives: a call keeps one 64th back (794) and costs up to 9,000 for
    /// the value, 2,600 for a cold address and 2,600 for a cold delegate of it.
    uint256 internal constant PUSH_GAS_NEEDED = 66_000;

    /// @notice Sends money; false if the receiver, or the token, refused.
    /// @dev A token gets all gas but one 64th: one that fails for want of gas leaves too little to credit its receiver, and
    /// all reverts, unless it burns more than a million.
    function push(address token, address to, uint256 amount) internal returns (bool) {
        return token == address(0) ? _pushNative(to, amount) : IERC20(token).trySafeTransfer(to, amount);
    }

    /// @notice Takes exactly `amount` of a token that `from` allows this contract to take.
    /// @dev The balance decides, not what the token says: one that charges for transfers is refused.
    function pull(address token, address from, uint256 amount) internal {
        uint256 before = balance(token);
        if (!IERC20(token).trySafeTransferFrom(from, address(this), amount)) {
            revert IEscrowTypes.PullFailed(token, from, amount);
        }
        uint256 afterwards = balance(token);
        uint256 received = afterwards > before ? afterwards - before : 0;
        if (received != amount) revert IEscrowTypes.InexactTransfer(token, received, amount);
    }

    /// @notice What this contract holds of a token. Reverts where the address is no token.
    function balance(address token) internal view returns (uint256 amount) {
        bytes memory question = abi.encodeCall(IERC20.balanceOf, (address(this)));
        bool ok;
        // Assembly, because a Solidity call reverts without a word where the address has no code, or answers too short.
        assembly ("memory-safe") {
            ok := staticcall(gas(), token, add(question, 0x20), mload(question), 0x00, 0x20)
            ok := and(ok, gt(returndatasize(), 0x1f))
            amount := mload(0x00)
        }
        if (!ok) revert IEscrowTypes.TokenUnsupported(token);
    }

    /// @dev Reverts where too little gas is left, so that a caller cannot make a willing receiver seem to refuse.
    function _pushNative(address to, uint256 amount) private returns (bool ok) {
        if (gasleft() < PUSH_GAS_NEEDED) revert IEscrowTypes.GasTooLow(gasleft(), PUSH_GAS_NEEDED);
        // Assembly, because a Solidity call copies all returned data: a hostile receiver could make that cost any gas.
        assembly ("memory-safe") {
            ok := call(PUSH_GAS, to, amount, 0x00, 0x00, 0x00, 0x00)
        }
    }
}
