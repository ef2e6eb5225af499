// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IPrintEscrow
/// @notice Holds the money of agreements between designers and providers of 3D prints, under terms the provider signed.
/// @dev Amounts are in the token's smallest unit (wei for the native coin, token zero). Times are unix seconds, durations
/// are seconds, rates are basis points (1/10,000). A deadline's own second still belongs to the earlier side.
/// An agreement's id is the EIP-712 digest of its Bid (domain: PrintEscrow, 1, chain id, this contract).
interface IPrintEscrow {
    /// @notice Where an agreement stands. NONE: never awarded; CLOSED: a tombstone that keeps the id used.
    enum Status {
        NONE,
        AWARDED,
        DELIVERED,
        DISPUTED,
        CLOSED
    }

    /// @notice How an agreement closed. OPEN: the payment did not close it.
    enum How {
        OPEN,
        RELEASED,
        REDEEMED,
        CLAIMED,
        REFUNDED,
        REAWARDED,
        CANCELLED,
        RULED,
        SETTLED,
        EXPIRED
    }

    /// @notice Complete terms, signed by a provider for one designer.
    struct Bid {
        address provider; // has the printer; its bond is locked, it is paid
        address designer; // the only one who may award
        address token; // zero: the native coin
        address arbiter; // zero: nobody
        address feeTo; // credited with the fee; zero only where feeBps is zero
        bytes32 jobDigest; // salted commitment to the job's spec
        bytes32 printer; // digest of the signed printer profile
        uint96 unitPrice; // of one complete set of the job's parts
        uint96 bond; // the provider's own money, locked while the agreement is open
        uint96 disputeFee; // posted by the designer who disputes
        uint32 minUnits;
        uint32 maxUnits;
        uint40 validUntil; // last second in which the bid can be awarded
        uint32 makeTime; // from award to delivery
        uint32 reviewTime; // from delivery to claim
        uint32 arbiterTime; // from dispute to expiry
        uint32 graceTime; // from award, free cancelling
        uint16 fallbackBps; // the provider's share of what is unpaid when the arbiter stays silent
        uint16 feeBps; // of what the provider receives
        uint32 epoch; // the provider's epoch in this token; raising it kills unawarded bids
        bool toLedger; // pay into `free` instead of pushing
        uint256 salt;
    }

    /// @notice One storage word for each agreement.
    struct Agreement {
        Status status;
        uint8 flags; // bit 0: refund to ledger, bit 1: given up
        uint40 clock; // when the status began; the closing time once CLOSED
        uint96 price; // unitPrice x units
        uint96 paid; // cumulative, gross of fees
    }

    /// @notice One storage word for each owner and token.
    struct Account {
        uint128 free; // withdrawable; bonds that are locked are not in it
        uint32 epoch;
        uint32 completed; // agreements paid in full, as provider
        uint32 failed; // agreements refunded with a bond locked, as provider
    }

    /// @notice An agreement was made and funded.
    /// @param units price / unitPrice
    /// @param standby digest of the bid that may take over, or zero
    /// @param book root of the closed bid book, or zero
    event Awarded(
        bytes32 indexed agreement,
        address indexed designer,
        address indexed provider,
        Bid bid,
        uint32 units,
        bytes32 standby,
        bytes32 book
    );

    /// @notice The provider was paid.
    /// @param paid cumulative after this payment, gross of fees
    /// @param fee taken from this payment
    /// @param how OPEN, or how this payment closed the agreement (the whole bond went back)
    event Paid(bytes32 indexed agreement, uint96 paid, uint96 fee, How how);

    /// @notice The provider says the units are delivered.
    /// @param head digest of the last record of the provider's evidence log
    event Delivered(bytes32 indexed agreement, bytes32 head);

    /// @notice The agreement closed other than by payment in full. The amounts are those of the closing itself.
    /// @param toProvider out of the unpaid price, gross of fee
    /// @param fee taken from toProvider
    /// @param toDesigner everything else
    /// @param bondBack out of the bond, to the provider
    event Closed(bytes32 indexed agreement, How how, uint96 toProvider, uint96 fee, uint96 toDesigner, uint96 bondBack);

    /// @notice `payer` added to the `free` of `owner`.
    event Deposited(address indexed token, address indexed owner, address indexed payer, uint128 amount);

    /// @notice `owner` took from its `free`.
    event Withdrawn(address indexed token, address indexed owner, address to, uint128 amount);

    /// @notice Money of an agreement became `free` of `owner`: a fee, a bond, a payment whose receiver wants the ledger,
    /// or one whose push failed.
    event Credited(address indexed token, address indexed owner, bytes32 indexed agreement, uint128 amount);

    /// @notice This contract is in the middle of moving money.
    error Locked();
    /// @notice The chain's id is no longer that of the deployment: nothing signed is accepted. Timed exits still work.
    error ChainChanged(uint256 chainId, uint256 deployedOn);
    /// @notice This token cannot be used here; zero is the native coin.
    error TokenUnsupported(address token);
    /// @notice Only the agreement's designer may do this.
    error NotDesigner(address caller, address designer);
    /// @notice Only the agreement's provider may do this.
    error NotProvider(address caller, address provider);

    /// @notice makeTime, reviewTime and arbiterTime are 1 second to `limit`.
    error DurationOutOfRange(uint256 duration, uint256 limit);
    /// @notice graceTime must be shorter than makeTime.
    error GraceTooLong(uint256 graceTime, uint256 makeTime);
    /// @notice feeBps is at most `limit`.
    error FeeTooHigh(uint256 feeBps, uint256 limit);
    /// @notice fallbackBps is at most `limit`.
    error FallbackTooHigh(uint256 fallbackBps, uint256 limit);
    /// @notice Provider, designer and arbiter must be three different addresses.
    error PartiesNotDistinct(address provider, address designer, address arbiter);
    /// @notice The arbiter must not receive the fee.
    error ArbiterTakesFee(address arbiter);
    /// @notice A fee needs a receiver.
    error FeeReceiverMissing(uint256 feeBps);
    /// @notice A dispute fee needs an arbiter.
    error ArbiterMissing(uint256 disputeFee);

    /// @notice The bid could be awarded until `validUntil`.
    error BidExpired(uint256 validUntil);
    /// @notice The bid is for minUnits to maxUnits.
    error UnitsOutOfRange(uint256 units, uint256 minUnits, uint256 maxUnits);
    /// @notice unitPrice x units must be 1 to `limit`.
    error PriceOutOfRange(uint256 price, uint256 limit);
    /// @notice price + bond + disputeFee must be at most `limit`, so that any closing fits its log.
    error PotOutOfRange(uint256 pot, uint256 limit);
    /// @notice This bid was awarded before.
    error AgreementExists(bytes32 agreement);
    /// @notice The provider has moved to another epoch: the bid is withdrawn.
    error EpochChanged(uint256 bidEpoch, uint256 epoch);
    /// @notice `signer` may not sign bids for `provider`.
    error SignerNotAllowed(address signer, address provider);
    /// @notice `signer` did not sign `digest`.
    error SignatureInvalid(address signer, bytes32 digest);
    /// @notice The provider's `free` does not cover the bond.
    error BondUncovered(uint256 bond, uint256 free);
    /// @notice The check ran out of gas: ask again with more.
    error CheckIncomplete();

    /// @notice Send exactly `expected` wei with this call.
    error ValueMismatch(uint256 value, uint256 expected);
    /// @notice The owner's `free` is smaller than `needed`.
    error FreeTooLow(uint256 free, uint256 needed);
    /// @notice The amount must not be zero.
    error AmountZero();
    /// @notice Money cannot be withdrawn to this address.
    error ReceiverForbidden(address to);
    /// @notice The receiver refused the money, which stays in `free`: withdraw to another address.
    error PushFailed(address token, address to, uint256 amount);
    /// @notice Send the transaction again with a higher gas limit.
    error GasTooLow(uint256 gasLeft, uint256 needed);

    /// @notice The agreement is not in a status that allows this.
    error WrongStatus(bytes32 agreement, Status status);
    /// @notice The cumulative payment must be more than what is paid.
    error NotRising(uint256 cumulative, uint256 paid);
    /// @notice The cumulative payment must be at most the price.
    error AbovePrice(uint256 cumulative, uint256 price);
    /// @notice This was possible until `deadline`.
    error TooLate(uint256 deadline);
    /// @notice This is possible only after `deadline`.
    error TooEarly(uint256 deadline);
    /// @notice Until `deadline` only the designer may refund: the standby has its turn.
    error StandbyFirst(uint256 deadline);

    /// @notice Binds a bid by funding it: takes the price, locks the provider's bond. Called by the bid's designer.
    /// @param bid the provider's terms
    /// @param signature 64 or 65 byte ECDSA by `signer` over the bid's digest, or its ERC-1271 signature
    /// @param signer who signed: the provider
    /// @param units how many, minUnits to maxUnits; price = unitPrice x units
    /// @param standby digest of the bid that may take over should this one fail, or zero
    /// @param book root of the closed bid book, or zero; only emitted
    /// @param fromLedger take the price from the designer's `free` (send no value) instead of from the value sent
    /// @return agreement the id
    /// @dev Reverts with Locked, NotDesigner, every error of `checkAwardable`, ValueMismatch, FreeTooLow.
    function award(
        Bid calldata bid,
        bytes calldata signature,
        address signer,
        uint32 units,
        bytes32 standby,
        bytes32 book,
        bool fromLedger
    ) external payable returns (bytes32 agreement);

    /// @notice Pays the provider up to `cumulative` in all; at the full price closes and gives the bond back.
    /// Called by the designer while the agreement is open.
    /// @param cumulative paid so far after this call, gross of fees; above what is paid, at most the price
    /// @dev Reverts with Locked, NotDesigner, WrongStatus, NotRising, AbovePrice, GasTooLow.
    function release(Bid calldata bid, uint96 cumulative) external;

    /// @notice Says the units are delivered and starts the review time. Called by the provider within makeTime.
    /// @param head digest of the last record of the provider's evidence log
    /// @dev Reverts with NotProvider, WrongStatus, TooLate.
    function deliver(Bid calldata bid, bytes32 head) external;

    /// @notice Pays the rest and gives the bond back, once the review time is over. Called by anyone.
    /// @dev Reverts with Locked, WrongStatus, TooEarly, GasTooLow.
    function claim(Bid calldata bid) external;

    /// @notice Ends an agreement whose making time and redeem window are over: the provider keeps of its bond the share
    /// that is paid of the price, all else goes to the designer. Called by anyone; where a standby is named, for one more
    /// redeem window by the designer alone.
    /// @dev Reverts with Locked, WrongStatus, TooEarly, StandbyFirst, GasTooLow.
    function refund(Bid calldata bid) external;

    /// @notice Adds `amount` to the `free` of `owner`. Called by anyone.
    /// @dev Reverts with Locked, TokenUnsupported, AmountZero, ValueMismatch.
    /// Warning: the money is `owner`'s at once; nobody else can take it back.
    function deposit(address token, address owner, uint128 amount) external payable;

    /// @notice Sends `amount` of the caller's `free` to `to`, any address but this contract.
    /// @dev Reverts with Locked, TokenUnsupported, AmountZero, ReceiverForbidden, FreeTooLow, GasTooLow, PushFailed.
    function withdraw(address token, address to, uint128 amount) external;

    /// @notice Why a bid could not be awarded now, the designer's funds apart.
    /// @return agreement the id
    /// @return reason selector of the error that `checkAwardable` reverts with, zero if awardable
    /// @dev Reverts with CheckIncomplete.
    function isAwardable(Bid calldata bid, bytes calldata signature, address signer, uint32 units)
        external
        view
        returns (bytes32 agreement, bytes4 reason);

    /// @notice Reverts as `award` would now, the designer's funds apart.
    /// @dev Reverts with ChainChanged, TokenUnsupported, DurationOutOfRange, GraceTooLong, FeeTooHigh, FallbackTooHigh,
    /// PartiesNotDistinct, ArbiterTakesFee, FeeReceiverMissing, ArbiterMissing, BidExpired, UnitsOutOfRange,
    /// PriceOutOfRange, PotOutOfRange, AgreementExists, SignerNotAllowed, SignatureInvalid, EpochChanged, BondUncovered.
    function checkAwardable(Bid calldata bid, bytes calldata signature, address signer, uint32 units) external view;

    /// @notice The agreement id of a bid, awarded or not: its EIP-712 digest.
    function idOf(Bid calldata bid) external view returns (bytes32);

    /// @notice Seconds that a refund still waits after a missed deadline, for payments the designer signed before it.
    function REDEEM_WINDOW() external view returns (uint256);

    /// @notice The EIP-712 domain separator, that of the deployment for ever.
    function domainSeparator() external view returns (bytes32);

    /// @notice An agreement's storage word.
    function agreements(bytes32 agreement)
        external
        view
        returns (Status status, uint8 flags, uint40 clock, uint96 price, uint96 paid);

    /// @notice An owner's storage word in a token.
    function accounts(address token, address owner)
        external
        view
        returns (uint128 free, uint32 epoch, uint32 completed, uint32 failed);

    /// @notice Digest of the standby bid named at award, or zero.
    function standbyOf(bytes32 agreement) external view returns (bytes32);
}
