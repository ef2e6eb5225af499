// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HookToken, IHooks} from "../tokens/CallingTokens.sol";
import {Wallet} from "../Wallets.sol";

/// @notice A wallet that a token with hooks calls, and that then does what was planned, once, in its own name.
contract HookedWallet is Wallet, IHooks {
    address private _target;
    bytes private _data;
    bool private _insists;
    bytes4 public outcome; // the error's selector, or `DONE`
    uint256 public calls;

    bytes4 public constant DONE = "done";

    function join(HookToken token) external {
        token.hook();
    }

    /// @param insists whether a failure of the plan is to fail the transfer too
    function plan(address target, bytes calldata data, bool insists) external {
        (_target, _data, _insists, outcome) = (target, data, insists, 0);
    }

    function tokensToSend(address, address, uint256) external {
        _carryOut();
    }

    function tokensReceived(address, address, uint256) external {
        _carryOut();
    }

    receive() external payable {}

    function _carryOut() private {
        ++calls;
        address target = _target;
        if (target == address(0)) return;
        _target = address(0);
        (bool ok, bytes memory answer) = target.call(_data);
        require(ok || !_insists);
        outcome = ok ? DONE : bytes4(answer);
    }
}

/// @notice Burns all gas of any call to it.
contract BurningWallet {
    fallback() external payable {
        assembly ("memory-safe") {
            invalid()
        }
    }
}
