// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../../src/interfaces/IPrintEscrow.sol";
import {EscrowSigning} from "../helpers/Consents.sol";
import {DecimalsToken, Token} from "../helpers/tokens/Token.sol";
import {PermitToken} from "../helpers/tokens/PermitTokens.sol";
import {DenyListToken} from "../helpers/tokens/RefusingTokens.sol";
import {TetherLikeToken} from "../helpers/tokens/TetherLikeToken.sol";
import {GasBurner} from "../helpers/Wallets.sol";

/// @notice Who is there, and what money there is: the native coin, a token as it should be, one that gives no answers, one
/// that refuses some receivers, and one of two decimals.
abstract contract World is EscrowSigning {
    uint256 internal constant WEALTH = 1e33; // of each person in each currency, at the start
    uint256 internal constant CURRENCIES = 5;

    uint256 internal constant DESIGNERS = 0; // two
    uint256 internal constant PROVIDERS = 2; // three
    uint256 internal constant ARBITERS = 5; // two
    uint256 internal constant OPERATOR = 7;
    uint256 internal constant CHARLIE = 8;
    uint256 internal constant DISPATCHER = 9;
    uint256 internal constant HOT_KEYS = 10; // two

    address[] public people;
    uint256[] internal _keys;
    address[CURRENCIES] public currencies;
    DenyListToken internal _denying;
    PermitToken internal _permitting;

    constructor(IPrintEscrow escrow_) {
        escrow = escrow_;
        _permitting = new PermitToken();
        _denying = new DenyListToken();
        currencies = [
            NATIVE,
            address(_permitting),
            address(new TetherLikeToken()),
            address(_denying),
            address(new DecimalsToken(2))
        ];
        string[12] memory names =
            ["ada", "dora", "bo", "burt", "bella", "eve", "erik", "operator", "charlie", "dan", "hank", "hal"];
        for (uint256 i; i < names.length; ++i) {
            (address person, uint256 key) = makeAddrAndKey(names[i]);
            people.push(person);
            _keys.push(key);
            for (uint256 c; c < CURRENCIES; ++c) {
                currency = currencies[c];
                give(person, WEALTH);
            }
        }
    }

    function peopleCount() public view returns (uint256) {
        return people.length;
    }

    // ------------------------------------------------------------------ chance

    /// @dev A number from `low` to `high`, by `seed` and by what it is for; one in four is at an end.
    function _draw(uint256 seed, string memory matter, uint256 low, uint256 high) internal pure returns (uint256) {
        uint256 chance = uint256(keccak256(abi.encode(seed, matter)));
        if (chance % 8 == 0) return low;
        if (chance % 8 == 1) return high;
        return low + (chance >> 3) % (high - low + 1);
    }

    function _flip(uint256 seed, string memory matter) internal pure returns (bool) {
        return uint256(keccak256(abi.encode(seed, matter))) % 2 == 0;
    }

    function _anybody(uint256 seed) internal view returns (address) {
        return people[uint256(keccak256(abi.encode(seed, "anybody"))) % people.length];
    }

    function _keyOf(address person) internal view returns (uint256) {
        for (uint256 i; i < people.length; ++i) {
            if (people[i] == person) return _keys[i];
        }
        revert("nobody of the cast");
    }

    // ------------------------------------------------------------------ money

    /// @dev What everybody has in a currency, in the wallet and on the ledger.
    function _wealth(address token) internal returns (uint256[] memory wealth) {
        currency = token;
        wealth = new uint256[](people.length);
        for (uint256 i; i < wealth.length; ++i) {
            wealth[i] = money(people[i]) + free(people[i]);
        }
    }

    /// @dev Whether the token would take money from, or give it to, a person. Native money can always be sent.
    function _denied(address token, address person) internal view returns (bool) {
        return token == address(_denying) && _denying.denied(person);
    }

    /// @dev Switches whether a person takes money: in the native coin and in the token that can refuse.
    function _refuse(address person, bool yes) internal {
        vm.etch(person, yes ? address(_burner()).code : bytes(""));
        _denying.deny(person, yes);
    }

    GasBurner private _someBurner;

    function _burner() private returns (GasBurner) {
        if (address(_someBurner) == address(0)) _someBurner = new GasBurner();
        return _someBurner;
    }

    /// @dev Renews what a permit may have cut down.
    function _allow(address token, address owner) internal {
        if (token != address(_permitting)) return;
        vm.prank(owner);
        Token(token).approve(address(escrow), type(uint256).max);
    }

    /// @dev Adds to an owner's `free` out of Charlie's wallet, which nothing ever refuses.
    function _fund(address token, address owner, uint256 amount) internal {
        if (amount == 0) return;
        currency = token;
        _allow(token, people[CHARLIE]);
        vm.prank(people[CHARLIE]);
        escrow.deposit{value: sent(amount)}(token, owner, uint128(amount));
    }
}
