// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IEscrowTypes
/// @notice The words of the escrow: statuses, signed structs, storage words, logs and errors.
/// @dev Amounts are in the token's smallest unit (wei for the native coin, token zero). Times are unix seconds, durations
/// are seconds, rates are basis points (1/10,000).
interface IEscrowTypes {
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

    /// @notice A designer's consent to an award that somebody else sends.
    struct Award {
        bytes32 agreement; // digest of the bid
        uint32 units;
        bytes32 standby; // digest of the bid that may take over, or zero
        bytes32 book; // root of the closed bid book, or zero
        uint40 deadline; // last second in which it can be used
    }

    /// @notice Limits within which a dispatcher may award for a designer: every term that could be turned against it.
    struct Mandate {
        address designer; // whose ledger pays
        address dispatcher; // the only one who may use it
        address token;
        address arbiter;
        bytes32 jobDigest;
        bytes32 printers; // Merkle root of the accepted printer digests; zero accepts any
        uint96 maxUnitPrice;
        uint96 minBond; // of each agreement
        uint96 maxDisputeFee;
        uint32 units; // in all
        uint32 maxMakeTime;
        uint32 minReviewTime;
        uint32 minArbiterTime;
        uint32 maxArbiterTime;
        uint32 maxGraceTime;
        uint16 maxFallbackBps;
        uint40 validUntil; // last second in which it can be used
        uint256 salt;
    }

    /// @notice A split both parties agree to; of use only while status and payment are as they were when it was signed.
    struct Settlement {
        bytes32 agreement;
        uint96 toProvider; // out of price - paid + bond, the bond first
        uint96 paid;
        uint8 status;
        uint40 deadline; // last second in which it can be used
    }

    /// @notice An ERC-2612 signature of the designer: the escrow may take the price from it.
    struct Permit {
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
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
        uint32 completed; // bonded agreements paid in full, as provider
        uint32 failed; // bonded agreements refunded or taken over, as provider
    }

    /// @notice One storage word for each hot key of a provider, in each token.
    struct Agent {
        uint40 until; // last second in which it may sign bids and deliver
        uint96 bondLeft; // what the bids it signs may still lock
    }

    /// @notice One storage word for each mandate in use.
    struct MandateUse {
        uint32 used; // units awarded under it and not returned
        bool revoked;
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

    /// @notice The designer contests a delivery.
    /// @param head digest of the last record of the designer's evidence log
    event Disputed(bytes32 indexed agreement, bytes32 head);

    /// @notice The provider will not deliver.
    event GaveUp(bytes32 indexed agreement);

    /// @notice The standby is no longer named.
    event StandbyDropped(bytes32 indexed agreement);

    /// @notice The agreement closed other than by payment in full. The amounts are those of the closing itself.
    /// @param toProvider out of the unpaid price, gross of fee
    /// @param fee taken from toProvider
    /// @param toDesigner everything else, a dispute fee that goes back included; where a standby took over, less what went
    /// into its price
    /// @param bondBack out of the bond, to the provider
    event Closed(bytes32 indexed agreement, How how, uint96 toProvider, uint96 fee, uint96 toDesigner, uint96 bondBack);

    /// @notice Units of a mandate were spent on an agreement, or came back from it.
    /// @param used of the mandate's units, after this
    event MandateUsed(bytes32 indexed mandate, bytes32 indexed agreement, uint32 used);

    /// @notice The mandate can no longer be used.
    event MandateRevoked(bytes32 indexed mandate, address indexed designer);

    /// @notice The owner's unawarded bids in this token are dead.
    event EpochBumped(address indexed token, address indexed owner, uint32 epoch);

    /// @notice A provider set, renewed or revoked (`until` in the past) a hot key.
    event AgentSet(address indexed token, address indexed provider, address indexed key, uint40 until, uint96 bondLeft);

    /// @notice `payer` added to the `free` of `owner`.
    event Deposited(address indexed token, address indexed owner, address indexed payer, uint128 amount);

    /// @notice `owner` took from its `free`.
    event Withdrawn(address indexed token, address indexed owner, address to, uint128 amount);

    /// @notice Money of an agreement became `free` of `owner`: a bond, a payment whose receiver wants the ledger, or one
    /// whose push failed. A fee becomes `free` of the bid's feeTo as `Paid` or `Closed` says, without this log.
    event Credited(address indexed token, address indexed owner, bytes32 indexed agreement, uint128 amount);

    /// @notice This contract is in the middle of moving money.
    error Locked();
    /// @notice The chain's id is no longer that of the deployment: nothing signed is accepted. Timed exits still work.
    error ChainChanged(uint256 chainId, uint256 deployedOn);
    /// @notice This address is no token: it has no code, or no balances. Zero is the native coin, where it is accepted.
    error TokenUnsupported(address token);
    /// @notice Only the agreement's designer may do this.
    error NotDesigner(address caller, address designer);
    /// @notice Only the agreement's provider may do this; where a delivery is said, also its live hot key.
    error NotProvider(address caller, address provider);
    /// @notice Only the agreement's designer or provider may do this.
    error NotParty(address caller);
    /// @notice Only the agreement's arbiter may do this.
    error NotArbiter(address caller, address arbiter);
    /// @notice Only the mandate's dispatcher may do this.
    error NotDispatcher(address caller, address dispatcher);

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
    /// @notice `signer` is neither `provider` nor a live hot key of it in the bid's token.
    error SignerNotAllowed(address signer, address provider);
    /// @notice The hot key may lock no more than `bondLeft`: the provider renews it with `setAgent`.
    error AgentBondTooLow(uint256 bond, uint256 bondLeft);
    /// @notice `signer` did not sign `digest`.
    error SignatureInvalid(address signer, bytes32 digest);
    /// @notice The provider's `free` does not cover the bond.
    error BondUncovered(uint256 bond, uint256 free);
    /// @notice The check ran out of gas: ask again with more.
    error CheckIncomplete();

    /// @notice What was signed is about another agreement.
    error AgreementMismatch(bytes32 signed, bytes32 agreement);
    /// @notice What was signed could be used until `deadline`.
    error SignatureExpired(uint256 deadline);

    /// @notice The mandate was revoked, for ever.
    error RevokedMandate(bytes32 mandate);
    /// @notice The mandate has fewer units left.
    error MandateUsedUp(uint256 units, uint256 left);
    /// @notice The bid's `term` is not within the mandate's limit.
    error OutsideMandate(bytes32 term, uint256 value, uint256 limit);
    /// @notice The mandate does not accept this printer, or the proof is not for it.
    error PrinterNotAccepted(bytes32 printer, bytes32 printers);

    /// @notice Send exactly `expected` wei with this call.
    error ValueMismatch(uint256 value, uint256 expected);
    /// @notice The owner's `free` is smaller than `needed`.
    error FreeTooLow(uint256 free, uint256 needed);
    /// @notice The token did not move `amount` from `from`: look at its balance and at what it allows the escrow to take.
    error PullFailed(address token, address from, uint256 amount);
    /// @notice The token moved another amount than asked: such tokens cannot be held.
    error InexactTransfer(address token, uint256 received, uint256 expected);
    /// @notice The owner's `free` must stay at most `limit` after a deposit.
    error DepositTooLarge(uint256 free, uint256 limit);
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
    /// @notice The provider gave up: it can no longer deliver, nor give up again.
    error AlreadyGivenUp(bytes32 agreement);
    /// @notice Something is paid already: a standby takes over only what is wholly unpaid.
    error AlreadyPaid(bytes32 agreement, uint256 paid);
    /// @notice `bid` is not the standby that the agreement names.
    error NotStandby(bytes32 bid, bytes32 standby);
    /// @notice The standby must be another provider's bid for the same designer, job and token.
    error StandbyUnfit(bytes32 standby);
    /// @notice The standby costs more than the price and the lost bond together.
    error StandbyTooDear(uint256 price, uint256 held);
    /// @notice At most the bond can go back.
    error AboveBond(uint256 bondBack, uint256 bond);
    /// @notice At most what is unpaid and the bond can be split.
    error AboveRest(uint256 toProvider, uint256 rest);
    /// @notice Status or payment changed since the settlement was signed.
    error SettlementStale(Status status, uint256 paid);
}
