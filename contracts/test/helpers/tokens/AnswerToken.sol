// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @notice Answers transfers and approvals oddly.
contract AnswerToken is Token {
    enum Answer {
        NOTHING, // moved, and not a word (as USDT)
        LONG, // moved, true and one more word
        HUGE, // moved, true and all the zeros that 200,000 gas can pay for
        FALSE, // not moved, false
        MOVED_FALSE, // moved, yet false
        TWO, // moved, a word that is neither true nor false
        SHORT, // moved, true but for its last byte
        TINY, // moved, two bytes
        HUGE_FALSE // not moved, false and many zeros
    }

    Answer private immutable _kind;

    constructor(Answer kind) {
        _kind = kind;
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        if (_kind != Answer.FALSE && _kind != Answer.HUGE_FALSE) super._transfer(from, to, amount);
    }

    function _answer() internal virtual override returns (bool) {
        if (_kind == Answer.NOTHING) _end(0, 0);
        if (_kind == Answer.LONG) _end(1, 64);
        if (_kind == Answer.HUGE) _end(1, 300_000);
        if (_kind == Answer.TWO) _end(2, 32);
        if (_kind == Answer.SHORT) _end(0, 31);
        if (_kind == Answer.TINY) _end(type(uint256).max, 2);
        if (_kind == Answer.HUGE_FALSE) _end(0, 300_000);
        return false;
    }

    /// @dev Ends the call with `size` bytes, `word` first.
    function _end(uint256 word, uint256 size) private pure {
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, word)
            return(start, size)
        }
    }
}
