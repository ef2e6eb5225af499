// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @notice Balances are shares of a pool that grows and shrinks; rounding can lose a unit on each transfer.
contract RebasingToken is Token {
    uint256 private constant ONE = 1e18;
    /// @dev Above or below one by this much; zero means one, so that the code works over another fixture's storage.
    int256 public drift;

    function rebase(int256 drift_) external {
        drift = drift_;
    }

    function balanceOf(address owner) public view override returns (uint256) {
        return _balances[owner] * _factor() / ONE;
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        super._transfer(from, to, amount * ONE / _factor());
    }

    function _factor() private view returns (uint256) {
        return uint256(int256(ONE) + drift);
    }
}

/// @notice The issuer moves anybody's money.
contract SeizingToken is Token {
    function seize(address from, address to, uint256 amount) external {
        _move(from, to, amount);
    }
}

/// @notice Says something else about balances than what it holds.
contract LyingToken is Token {
    enum Lie {
        CONSTANT, // the same for all, always
        MOST, // the largest number
        NOTHING, // no answer
        SHORT, // 31 bytes
        REVERT, // refuses the question
        BURN, // burns all gas
        HUGE // a true answer with many more bytes
    }

    Lie private immutable _kind;

    constructor(Lie kind) {
        _kind = kind;
    }

    function balanceOf(address owner) public view override returns (uint256) {
        if (_kind == Lie.CONSTANT) return 1e30;
        if (_kind == Lie.MOST) return type(uint256).max;
        if (_kind == Lie.NOTHING) _end(0, 0);
        if (_kind == Lie.SHORT) _end(_balances[owner], 31);
        if (_kind == Lie.HUGE) _end(_balances[owner], 300_000);
        if (_kind == Lie.REVERT) revert();
        assembly ("memory-safe") {
            invalid()
        }
    }

    function _end(uint256 word, uint256 size) private pure {
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, word)
            return(start, size)
        }
    }
}

/// @notice The second address of a token: other code, the same balances.
/// @dev As with tokens that kept their old contract alive: what is spent here is gone there.
contract TwinToken {
    TwinnedToken private immutable _main;

    constructor(TwinnedToken main) {
        _main = main;
    }

    function balanceOf(address owner) external view returns (uint256) {
        return _main.balanceOf(owner);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        return _main.approveFor(msg.sender, spender, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _main.transferFor(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _main.transferFromFor(msg.sender, from, to, amount);
    }
}

contract TwinnedToken is Token {
    TwinToken public immutable twin = new TwinToken(this);

    error NotTheTwin(address caller);

    modifier onlyTwin() {
        if (msg.sender != address(twin)) revert NotTheTwin(msg.sender);
        _;
    }

    function approveFor(address owner, address spender, uint256 amount) external onlyTwin returns (bool) {
        _approve(owner, spender, amount);
        return _answer();
    }

    function transferFor(address from, address to, uint256 amount) external onlyTwin returns (bool) {
        _transfer(from, to, amount);
        return _answer();
    }

    function transferFromFor(address spender, address from, address to, uint256 amount)
        external
        onlyTwin
        returns (bool)
    {
        _spend(from, spender, amount);
        _transfer(from, to, amount);
        return _answer();
    }
}
