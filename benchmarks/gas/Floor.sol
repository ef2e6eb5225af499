// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Floor
/// @notice The least an escrow can do: verify who signed a bid, hold the money under the bid's digest, move it on. It checks
/// nothing else and is of no other use: what is above it in the table is what safety and terms cost.
/// @dev Calldata is packed. First byte: twice an Action, plus 1 where the money is the token. Then, for AWARD and REDEEM, 64
/// bytes of signature (ERC-2098); then 128 bytes of terms: provider 20, designer 20, job digest 32, price 12, times 20, salt
/// 24. PUT and TAKE: owner or receiver 20, amount 12. SET: key 32, value 32.
contract Floor {
    address private immutable TOKEN;

    constructor(address token) {
        TOKEN = token;
    }

    fallback() external payable {
        address token = TOKEN;
        // Assembly, because a floor is what no compiler could undercut.
        assembly {
            let action := byte(0, calldataload(0))
            let byToken := and(action, 1)
            switch shr(1, action)
            case 0 { award(byToken, token) }
            case 1 { pay(byToken, token) }
            case 2 { redeem(byToken, token) }
            case 3 { mark() }
            case 4 { put(byToken, token) }
            case 5 { take(byToken, token) }
            case 6 { set() }
            default { revert(0, 0) }

            function award(erc20, erc20Address) {
                let id := idAt(65)
                requireSigned(id, shr(96, calldataload(65)))
                if sload(id) { revert(0, 0) }
                let price := shr(160, calldataload(137))
                sstore(id, or(shl(96, timestamp()), price))
                bring(erc20, erc20Address, price)
                log2(0, 32, 1, id)
            }
            function pay(erc20, erc20Address) {
                let id := idAt(1)
                if sub(caller(), shr(96, calldataload(21))) { revert(0, 0) }
                send(erc20, erc20Address, shr(96, calldataload(1)), close(id))
                log2(0, 0, 2, id)
            }
            function redeem(erc20, erc20Address) {
                let id := idAt(65)
                mstore(0, id)
                mstore(32, 1)
                requireSigned(keccak256(0, 64), shr(96, calldataload(85)))
                send(erc20, erc20Address, shr(96, calldataload(65)), close(id))
                log2(0, 0, 3, id)
            }
            function mark() {
                let id := idAt(1)
                if sub(caller(), shr(96, calldataload(1))) { revert(0, 0) }
                let word := sload(id)
                if iszero(word) { revert(0, 0) }
                sstore(id, or(word, shl(200, 1)))
                log2(0, 0, 4, id)
            }
            function put(erc20, erc20Address) {
                let owner := shr(96, calldataload(1))
                let amount := shr(160, calldataload(21))
                sstore(owner, add(sload(owner), amount))
                bring(erc20, erc20Address, amount)
                log2(0, 0, 5, owner)
            }
            function take(erc20, erc20Address) {
                let amount := shr(160, calldataload(21))
                let free := sload(caller())
                if lt(free, amount) { revert(0, 0) }
                sstore(caller(), sub(free, amount))
                send(erc20, erc20Address, shr(96, calldataload(1)), amount)
                log2(0, 0, 6, caller())
            }
            function set() {
                sstore(calldataload(1), calldataload(33))
                log2(0, 0, 7, calldataload(1))
            }

            function idAt(place) -> id {
                calldatacopy(0, place, 128)
                id := keccak256(0, 128)
            }
            function requireSigned(digest, signer) {
                let s := calldataload(33)
                mstore(0, digest)
                mstore(32, add(27, shr(255, s)))
                mstore(64, calldataload(1))
                mstore(96, shr(1, shl(1, s)))
                if iszero(staticcall(gas(), 1, 0, 128, 0, 32)) { revert(0, 0) }
                if sub(mload(0), signer) { revert(0, 0) }
            }
            function close(id) -> price {
                price := and(sload(id), 0xffffffffffffffffffffffff)
                if iszero(price) { revert(0, 0) }
                sstore(id, shl(200, 1))
            }
            function bring(erc20, erc20Address, amount) {
                switch erc20
                case 0 { if sub(callvalue(), amount) { revert(0, 0) } }
                default {
                    mstore(0, shl(224, 0x23b872dd)) // transferFrom
                    mstore(4, caller())
                    mstore(36, address())
                    mstore(68, amount)
                    if iszero(call(gas(), erc20Address, 0, 0, 100, 0, 32)) { revert(0, 0) }
                }
            }
            function send(erc20, erc20Address, to, amount) {
                switch erc20
                case 0 { if iszero(call(gas(), to, amount, 0, 0, 0, 0)) { revert(0, 0) } }
                default {
                    mstore(0, shl(224, 0xa9059cbb)) // transfer
                    mstore(4, to)
                    mstore(36, amount)
                    if iszero(call(gas(), erc20Address, 0, 0, 68, 0, 32)) { revert(0, 0) }
                }
            }
        }
    }
}
