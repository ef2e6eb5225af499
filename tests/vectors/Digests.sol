// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Hashes every signed struct with Solidity's own abi.encode, for the committed vectors.
contract Digests {
    struct Bid {
        address provider; address designer; address token; address arbiter; address feeTo;
        bytes32 jobDigest; bytes32 printer;
        uint96 unitPrice; uint96 bond; uint96 disputeFee;
        uint32 minUnits; uint32 maxUnits; uint40 validUntil;
        uint32 makeTime; uint32 reviewTime; uint32 arbiterTime; uint32 graceTime;
        uint16 fallbackBps; uint16 feeBps; uint32 epoch; bool toLedger; uint256 salt;
    }
    struct Award { bytes32 agreement; uint32 units; bytes32 standby; bytes32 book; uint40 deadline; }
    struct Mandate {
        address designer; address dispatcher; address token; address arbiter; bytes32 jobDigest; bytes32 printers;
        uint96 maxUnitPrice; uint96 minBond; uint96 maxDisputeFee; uint32 units; uint32 maxMakeTime;
        uint32 minReviewTime; uint32 minArbiterTime; uint32 maxArbiterTime; uint32 maxGraceTime;
        uint16 maxFallbackBps; uint40 validUntil; uint256 salt;
    }
    struct Voucher { bytes32 agreement; uint96 cumulative; }
    struct Settlement { bytes32 agreement; uint96 toProvider; uint96 paid; uint8 status; uint40 deadline; }
    struct PrinterProfile { address provider; string serial; bytes32 capability; uint64 seq; uint40 issuedAt; }
    struct Evidence {
        bytes32 agreement; address actor; uint64 seq; string kind; bytes32 payload; bytes32 previous; uint40 observedAt;
    }
    struct Receipt { bytes32 bid; bytes32 job; uint64 seq; uint40 receivedAt; }
    struct Recipient { bytes32 agreement; string recipient; }
    struct Book { bytes32 job; uint32 number; uint40 closedAt; uint32 count; bytes32 root; }

    bytes32 constant BID = keccak256(
        "Bid(address provider,address designer,address token,address arbiter,address feeTo,bytes32 jobDigest,bytes32 printer,uint96 unitPrice,uint96 bond,uint96 disputeFee,uint32 minUnits,uint32 maxUnits,uint40 validUntil,uint32 makeTime,uint32 reviewTime,uint32 arbiterTime,uint32 graceTime,uint16 fallbackBps,uint16 feeBps,uint32 epoch,bool toLedger,uint256 salt)"
    );
    bytes32 constant AWARD =
        keccak256("Award(bytes32 agreement,uint32 units,bytes32 standby,bytes32 book,uint40 deadline)");
    bytes32 constant MANDATE = keccak256(
        "Mandate(address designer,address dispatcher,address token,address arbiter,bytes32 jobDigest,bytes32 printers,uint96 maxUnitPrice,uint96 minBond,uint96 maxDisputeFee,uint32 units,uint32 maxMakeTime,uint32 minReviewTime,uint32 minArbiterTime,uint32 maxArbiterTime,uint32 maxGraceTime,uint16 maxFallbackBps,uint40 validUntil,uint256 salt)"
    );
    bytes32 constant VOUCHER = keccak256("Voucher(bytes32 agreement,uint96 cumulative)");
    bytes32 constant SETTLEMENT =
        keccak256("Settlement(bytes32 agreement,uint96 toProvider,uint96 paid,uint8 status,uint40 deadline)");
    bytes32 constant PROFILE =
        keccak256("PrinterProfile(address provider,string serial,bytes32 capability,uint64 seq,uint40 issuedAt)");
    bytes32 constant EVIDENCE = keccak256(
        "Evidence(bytes32 agreement,address actor,uint64 seq,string kind,bytes32 payload,bytes32 previous,uint40 observedAt)"
    );
    bytes32 constant RECEIPT = keccak256("Receipt(bytes32 bid,bytes32 job,uint64 seq,uint40 receivedAt)");
    bytes32 constant RECIPIENT = keccak256("Recipient(bytes32 agreement,string recipient)");
    bytes32 constant BOOK = keccak256("Book(bytes32 job,uint32 number,uint40 closedAt,uint32 count,bytes32 root)");

    function ofBid(Bid calldata v) external pure returns (bytes32) { return keccak256(abi.encode(BID, v)); }
    function ofAward(Award calldata v) external pure returns (bytes32) { return keccak256(abi.encode(AWARD, v)); }
    function ofMandate(Mandate calldata v) external pure returns (bytes32) { return keccak256(abi.encode(MANDATE, v)); }
    function ofVoucher(Voucher calldata v) external pure returns (bytes32) { return keccak256(abi.encode(VOUCHER, v)); }
    function ofSettlement(Settlement calldata v) external pure returns (bytes32) {
        return keccak256(abi.encode(SETTLEMENT, v));
    }
    function ofReceipt(Receipt calldata v) external pure returns (bytes32) { return keccak256(abi.encode(RECEIPT, v)); }
    function ofBook(Book calldata v) external pure returns (bytes32) { return keccak256(abi.encode(BOOK, v)); }

    function ofPrinterProfile(PrinterProfile calldata v) external pure returns (bytes32) {
        bytes32 serial = keccak256(bytes(v.serial));
        return keccak256(abi.encode(PROFILE, v.provider, serial, v.capability, v.seq, v.issuedAt));
    }
    function ofEvidence(Evidence calldata v) external pure returns (bytes32) {
        bytes32 kind = keccak256(bytes(v.kind));
        return keccak256(abi.encode(EVIDENCE, v.agreement, v.actor, v.seq, kind, v.payload, v.previous, v.observedAt));
    }
    function ofRecipient(Recipient calldata v) external pure returns (bytes32) {
        return keccak256(abi.encode(RECIPIENT, v.agreement, keccak256(bytes(v.recipient))));
    }
    function digest(string calldata name, uint256 chainId, address escrow, bytes32 structDigest)
        external pure returns (bytes32)
    {
        bytes32 domain = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 separator = keccak256(abi.encode(domain, keccak256(bytes(name)), keccak256("1"), chainId, escrow));
        return keccak256(abi.encodePacked(hex"1901", separator, structDigest));
    }
}
