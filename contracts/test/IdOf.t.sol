// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {IPrintEscrow} from "../src/interfaces/IPrintEscrow.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

contract IdOfTest is EscrowTest {
    string private constant BID_TYPE =
        "Bid(address provider,address designer,address token,address arbiter,address feeTo,bytes32 jobDigest,bytes32 printer,uint96 unitPrice,uint96 bond,uint96 disputeFee,uint32 minUnits,uint32 maxUnits,uint40 validUntil,uint32 makeTime,uint32 reviewTime,uint32 arbiterTime,uint32 graceTime,uint16 fallbackBps,uint16 feeBps,uint32 epoch,bool toLedger,uint256 salt)";

    /// @dev Foundry's own EIP-712 encoder is the second opinion.
    function testFuzz_IsTheTypedDataDigest(IEscrowTypes.Bid memory bid) public view {
        bytes32 structHash = vm.eip712HashStruct(BID_TYPE, abi.encode(bid));
        assertEq(escrow.idOf(bid), keccak256(abi.encodePacked(hex"1901", escrow.domainSeparator(), structHash)));
    }

    function testFuzz_TheDomainNamesChainAndContract(uint64 chainId) public {
        vm.chainId(bound(chainId, 1, type(uint64).max - 1));
        IPrintEscrow other = deployed();
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 expected =
            keccak256(abi.encode(domainType, keccak256("PrintEscrow"), keccak256("1"), block.chainid, address(other)));
        assertEq(other.domainSeparator(), expected);
        assertNotEq(other.domainSeparator(), escrow.domainSeparator());
    }

    function testFuzz_DiffersWhereAnyMemberDiffers(IEscrowTypes.Bid memory bid, uint8 which, uint8 bit) public view {
        bytes32 before = escrow.idOf(bid);
        bytes memory words = abi.encode(bid);
        uint256 place = uint256(which % 22) * 32 + 31;
        uint8 flip = which % 22 == 20 ? 1 : uint8(1 << (bit % 8));
        words[place] = bytes1(uint8(words[place]) ^ flip);
        assertNotEq(escrow.idOf(abi.decode(words, (IEscrowTypes.Bid))), before);
    }
}
