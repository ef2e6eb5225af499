// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Token} from "./Token.sol";

/// @notice Refuses every transfer, in one of the ways a call can fail.
contract RefusingToken is Token {
    enum Refusal {
        DATA, // reverts with an error
        SILENT, // reverts without a word
        PANIC, // fails an assertion
        TRUE, // reverts, and says true
        HUGE, // reverts with many bytes
        BURN // burns all gas it is given
    }

    Refusal private immutable _kind;

    error NotToday(uint256 amount);

    constructor(Refusal kind) {
        _kind = kind;
    }

    function _transfer(address, address, uint256 amount) internal virtual override {
        if (_kind == Refusal.DATA) revert NotToday(amount);
        if (_kind == Refusal.PANIC) assert(false);
        if (_kind == Refusal.SILENT) _fail(0);
        if (_kind == Refusal.TRUE) _fail(32);
        if (_kind == Refusal.HUGE) _fail(300_000);
        if (_kind == Refusal.BURN) _burn();
    }

    function _burn() private pure {
        assembly ("memory-safe") {
            invalid()
        }
    }

    function _fail(uint256 size) private pure {
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, 1)
            revert(start, size)
        }
    }
}

/// @notice The issuer can stop everything.
contract PausableToken is Token {
    bool public paused;

    error Paused();

    function pause(bool yes) external {
        paused = yes;
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        if (paused) revert Paused();
        super._transfer(from, to, amount);
    }
}

/// @notice The issuer can shut out whom it likes, as sender and as receiver.
contract DenyListToken is Token {
    mapping(address owner => bool) public denied;

    error Denied(address owner);

    function deny(address owner, bool yes) external {
        denied[owner] = yes;
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        if (denied[from]) revert Denied(from);
        if (denied[to]) revert Denied(to);
        super._transfer(from, to, amount);
    }
}

/// @notice Reverts where nothing is to be moved.
contract NoZeroToken is Token {
    error NothingToMove();

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        if (amount == 0) revert NothingToMove();
        super._transfer(from, to, amount);
    }
}

/// @notice Moves and approves less than 2^96 at a time (as UNI and COMP), but for the approval of everything.
contract NarrowToken is Token {
    error TooWide(uint256 amount);

    function _approve(address owner, address spender, uint256 amount) internal virtual override {
        if (amount != type(uint256).max) _requireNarrow(amount);
        super._approve(owner, spender, amount);
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        _requireNarrow(amount);
        super._transfer(from, to, amount);
    }

    function _requireNarrow(uint256 amount) private pure {
        if (amount > type(uint96).max) revert TooWide(amount);
    }
}

/// @notice Costs its caller a given amount of gas on each transfer; one that is picky sees where there is too little, and
/// refuses without burning it.
contract HeavyToken is Token {
    uint256 private immutable _weight;
    bool private immutable _picky;

    error MoreGas(uint256 needed);

    constructor(uint256 weight, bool picky) {
        (_weight, _picky) = (weight, picky);
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        uint256 start = gasleft();
        if (_picky && start < _weight) revert MoreGas(_weight);
        super._transfer(from, to, amount);
        _widen(_weight);
        while (start - gasleft() < _weight) {}
    }

    /// @dev Uses up nearly as much at once, by the square root in what memory costs: 3 a word, and a 512th of their square.
    function _widen(uint256 gas_) private pure {
        uint256 place = 32 * (Math.sqrt(768 * 768 + 512 * gas_) - 768);
        assembly ("memory-safe") {
            pop(mload(place))
        }
    }
}
