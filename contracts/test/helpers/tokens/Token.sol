// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice ERC-20 as it should be, and nothing more. A fixture overrides the one step in which it is odd; several odd
/// ones can be inherited together, each calling `super`.
/// @dev Storage comes first here, so that with `vm.etch` the code of one fixture can take over another's address: a token
/// that was good when the money came in, and is not when it goes out.
contract Token {
    mapping(address owner => uint256) internal _balances;
    mapping(address owner => mapping(address spender => uint256)) public allowance;
    uint256 public totalSupply;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    error BalanceTooLow(address owner, uint256 balance, uint256 needed);
    error AllowanceTooLow(address owner, uint256 allowance, uint256 needed);

    function mint(address to, uint256 amount) external {
        totalSupply += amount;
        _balances[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function approve(address spender, uint256 amount) external virtual returns (bool) {
        _approve(msg.sender, spender, amount);
        return _answer();
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _transfer(msg.sender, to, amount);
        return _answer();
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, msg.sender, amount);
        _transfer(from, to, amount);
        return _answer();
    }

    function balanceOf(address owner) public view virtual returns (uint256) {
        return _balances[owner];
    }

    function decimals() external view virtual returns (uint8) {
        return 18;
    }

    // ------------------------------------------------------------------ the steps

    /// @dev All that happens when money is asked to move.
    function _transfer(address from, address to, uint256 amount) internal virtual {
        _move(from, to, amount);
    }

    /// @dev What is said to the caller in the end; an override may end the call itself.
    function _answer() internal virtual returns (bool) {
        return true;
    }

    function _approve(address owner, address spender, uint256 amount) internal virtual {
        allowance[owner][spender] = amount;
        emit Approval(owner, spender, amount);
    }

    function _spend(address owner, address spender, uint256 amount) internal virtual {
        uint256 allowed = allowance[owner][spender];
        if (allowed < amount) revert AllowanceTooLow(owner, allowed, amount);
        allowance[owner][spender] = allowed - amount;
    }

    function _move(address from, address to, uint256 amount) internal {
        uint256 balance = _balances[from];
        if (balance < amount) revert BalanceTooLow(from, balance, amount);
        _balances[from] = balance - amount;
        _balances[to] += amount;
        emit Transfer(from, to, amount);
    }
}

/// @notice Other decimals: people see other numbers, contracts the same.
contract DecimalsToken is Token {
    uint8 private immutable _decimals;

    constructor(uint8 decimals_) {
        _decimals = decimals_;
    }

    function decimals() external view override returns (uint8) {
        return _decimals;
    }
}
