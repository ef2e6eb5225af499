// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IEscrowTypes} from "../interfaces/IEscrowTypes.sol";

/// @title Payments
/// @notice Moving money to receivers, and with tokens, that nobody trusts. Token zero is the native coin.
library Payments {
    using SafeERC20 for IERC20;

    /// @dev What a receiver of native coin may spend: enough for a smart wallet behind a proxy.
    uint256 internal constant PUSH_GAS = 50_000;
    /// @dev What must be left so that PUSH_GAS really arrives: a call keeps one 64th back (794) and costs up to 9,000 for
    /// the value, 2,600 for a cold address and 2,600 for a cold delegate of it.
    uint256 internal constant PUSH_GAS_NEEDED = 66_000;
    /// @dev What a token may spend on a transfer: several times what those with proxies, hooks or interest need.
    uint256 internal constant TOKEN_PUSH_GAS = 300_000;
    /// @dev What must be left so that TOKEN_PUSH_GAS really arrives: one 64th more (4,762) and 2,600 for a cold address.
    uint256 internal constant TOKEN_PUSH_GAS_NEEDED = 308_000;

    /// @notice Sends money with a limited amount of gas; false if the receiver, or the token, refused.
    /// @dev Reverts where too little gas is left, so that a caller cannot make a willing receiver seem to refuse. Limited,
    /// so that one who burns it all cannot make a closing too dear for a block.
    function push(address token, address to, uint256 amount) internal returns (bool) {
        if (token == address(0)) return _pushNative(to, amount);
        _requireGas(TOKEN_PUSH_GAS_NEEDED);
        return _sendToken(token, to, amount, TOKEN_PUSH_GAS);
    }

    /// @notice Sends money to where its owner wants it; false if the receiver, or the token, refused.
    /// @dev A token gets all the gas there is: nobody but the owner waits for this.
    function transfer(address token, address to, uint256 amount) internal returns (bool) {
        return token == address(0) ? _pushNative(to, amount) : _sendToken(token, to, amount, gasleft());
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

    function _pushNative(address to, uint256 amount) private returns (bool ok) {
        _requireGas(PUSH_GAS_NEEDED);
        // Assembly, because a Solidity call copies all returned data: a hostile receiver could make that cost any gas.
        assembly ("memory-safe") {
            ok := call(PUSH_GAS, to, amount, 0x00, 0x00, 0x00, 0x00)
        }
    }

    /// @dev A token says yes by true, or by nothing where it has code.
    function _sendToken(address token, address to, uint256 amount, uint256 gasLimit) private returns (bool ok) {
        bytes memory order = abi.encodeCall(IERC20.transfer, (to, amount));
        // Assembly, because a Solidity call copies all returned data, and the library's sets no limit of gas and completes a
        // short answer from what lies in memory.
        assembly ("memory-safe") {
            ok := call(gasLimit, token, 0x00, add(order, 0x20), mload(order), 0x00, 0x20)
            switch returndatasize()
            case 0 { ok := and(ok, gt(extcodesize(token), 0x00)) }
            default { ok := and(ok, and(gt(returndatasize(), 0x1f), eq(mload(0x00), 0x01))) }
        }
    }

    function _requireGas(uint256 needed) private view {
        if (gasleft() < needed) revert IEscrowTypes.GasTooLow(gasleft(), needed);
    }
}
