// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "../helpers/tokens/Token.sol";
import {World} from "./World.sol";
import {Ghosts} from "./Ghosts.sol";

/// @notice What is free moves; time passes; receivers change their mind; money comes unasked.
abstract contract LedgerHandler is Ghosts {
    function deposit(uint256 seed) external {
        address token = currencies[seed % CURRENCIES];
        address payer = _anybody(seed);
        if (_denied(token, payer)) payer = people[CHARLIE];
        uint128 amount = uint128(_draw(seed, "amount", 1, 1e24));
        address owner = _anybody(uint256(keccak256(abi.encode(seed))));
        _allow(token, payer);
        uint256[] memory before = _wealth(token);
        uint256 value = sent(amount);
        vm.prank(payer);
        escrow.deposit{value: value}(token, owner, amount);
        ++calls["deposit"];
        _noteLedger(token, payer, before);
    }

    /// @dev To whoever takes it; where nobody has anything yet, somebody is given something first.
    function withdraw(uint256 seed) external {
        address token = currencies[seed % CURRENCIES];
        address owner = _ownerOfSome(token, seed);
        uint256[] memory before = _wealth(token);
        address to = _anybody(seed);
        if (to.code.length != 0 || _denied(token, to)) to = people[CHARLIE];
        uint128 amount = uint128(_draw(seed, "amount", 1, free(owner)));
        vm.prank(owner);
        escrow.withdraw(token, to, amount);
        ++calls["withdraw"];
        _noteLedger(token, owner, before);
    }

    function wait(uint256 seed) external {
        skip(_draw(seed, "time", 1, 10 days));
        ++calls["wait"];
    }

    /// @dev A block reward, a contract that destroys itself, a transfer by mistake.
    function force(uint256 seed) external {
        address token = currencies[seed % CURRENCIES];
        uint256 amount = _draw(seed, "amount", 1, 1e24);
        if (token == NATIVE) vm.deal(address(escrow), address(escrow).balance + amount);
        else Token(token).mint(address(escrow), amount);
        forced[token] += amount;
        ++calls["force"];
    }

    /// @dev Charlie and those after him always take money: somebody must be there to withdraw to.
    function refuse(uint256 seed) external {
        _refuse(people[_draw(seed, "who", 0, CHARLIE - 1)], _flip(seed, "refuse"));
        ++calls["refuse"];
    }

    function _ownerOfSome(address token, uint256 seed) private returns (address) {
        currency = token;
        for (uint256 i; i < people.length; ++i) {
            address owner = people[addmod(seed, i, people.length)];
            if (free(owner) != 0) return owner;
        }
        _fund(token, people[seed % people.length], 1e18);
        return people[seed % people.length];
    }
}
