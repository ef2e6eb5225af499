// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "./IEscrowTypes.sol";

/// @title IPrintEscrow
/// @notice Holds the money of agreements between designers and providers of 3D prints, under terms the provider signed.
/// @dev Amounts are in the token's smallest unit (wei for the native coin, token zero). Times are unix seconds, durations
/// are seconds, rates are basis points (1/10,000). A deadline's own second still belongs to the earlier side.
/// An agreement's id is the EIP-712 digest of its Bid (domain: PrintEscrow, 1, chain id, this contract).
/// A payment is pushed to its receiver; where the push fails, or the terms say so, it becomes `free` of the receiver.
/// Functions that accept a signature revert with ChainChanged once the chain's id is another than at deployment.
interface IPrintEscrow is IEscrowTypes {
    // ------------------------------------------------------------------ awards

    /// @notice Binds a bid by funding it: takes the price, locks the provider's bond. Called by the bid's designer.
    /// @param bid the provider's terms
    /// @param signature 64 or 65 byte ECDSA by `signer` over the bid's digest, or its ERC-1271 signature
    /// @param signer who signed: the provider, or a live hot key of it
    /// @param units how many, minUnits to maxUnits; price = unitPrice x units
    /// @param standby digest of the bid that may take over should this one fail, or zero
    /// @param book root of the closed bid book, or zero; only emitted
    /// @param fromLedger take the price from the designer's `free` instead of from the value sent or its allowance
    /// @return agreement the id
    /// @dev Reverts with Locked, NotDesigner, every error of `checkAwardable`, ValueMismatch, FreeTooLow, PullFailed,
    /// InexactTransfer.
    function award(
        Bid calldata bid,
        bytes calldata signature,
        address signer,
        uint32 units,
        bytes32 standby,
        bytes32 book,
        bool fromLedger
    ) external payable returns (bytes32 agreement);

    /// @notice As `award` in an ERC-20 token, after showing the token the designer's permit. Called by the designer.
    /// @param permit the designer's ERC-2612 signature over the price, for this contract
    /// @dev A permit that fails is passed over, so that one who used it first blocks nothing: the allowance decides.
    /// Reverts with Locked, NotDesigner, every error of `checkAwardable`, TokenUnsupported for the native coin,
    /// PullFailed, InexactTransfer.
    function awardWithPermit(
        Bid calldata bid,
        bytes calldata signature,
        address signer,
        uint32 units,
        bytes32 standby,
        bytes32 book,
        Permit calldata permit
    ) external returns (bytes32 agreement);

    /// @notice As `award`, for a designer who signs and does not send: the price comes from its `free`. Called by anyone.
    /// @param consent what the designer signed: it fixes units, standby and book
    /// @param designerSignature of the designer over `consent`
    /// @dev Reverts with Locked, every error of `checkAwardable`, AgreementMismatch, SignatureExpired, SignatureInvalid,
    /// FreeTooLow.
    function awardFor(
        Bid calldata bid,
        bytes calldata signature,
        address signer,
        Award calldata consent,
        bytes calldata designerSignature
    ) external returns (bytes32 agreement);

    /// @notice As `award`, within limits the designer signed: the price comes from its `free`, refunds go back there, no
    /// standby. Called by the mandate's dispatcher.
    /// @param mandate the designer's limits
    /// @param mandateSignature of the designer over `mandate`
    /// @param proof that the bid's printer is one of `mandate.printers`; not looked at where that is zero
    /// @dev Reverts with Locked, NotDispatcher, every error of `checkAwardable`, SignatureExpired, OutsideMandate,
    /// PrinterNotAccepted, SignatureInvalid, RevokedMandate, MandateUsedUp, FreeTooLow.
    function awardUnder(
        Bid calldata bid,
        bytes calldata signature,
        address signer,
        uint32 units,
        bytes32 book,
        Mandate calldata mandate,
        bytes calldata mandateSignature,
        bytes32[] calldata proof
    ) external returns (bytes32 agreement);

    /// @notice Hands a failed agreement's units to its standby, paid by the price and the lost bond; the surplus goes to
    /// the designer. Called by anyone, as soon as the designer could refund and if nothing is paid.
    /// @param bid terms of the agreement that failed; it closes
    /// @param standby terms that take over: their digest is the standby named at award
    /// @param signature of `signer` over the standby's digest
    /// @param signer who signed: the standby's provider, or a live hot key of it
    /// @return agreement the standby's id
    /// @dev Never draws on the designer's ledger. Reverts with Locked, WrongStatus, TooEarly, AlreadyPaid, NotStandby,
    /// StandbyUnfit, every error of `checkAwardable` for the standby, StandbyTooDear, GasTooLow.
    function reaward(Bid calldata bid, Bid calldata standby, bytes calldata signature, address signer)
        external
        returns (bytes32 agreement);

    /// @notice Names the standby no longer. Called by the designer while AWARDED.
    /// @dev Reverts with NotDesigner, WrongStatus, NotStandby where none is named.
    function dropStandby(Bid calldata bid) external;

    /// @notice Makes a mandate useless for ever. Called by its designer; also before it is used, and again.
    /// @dev Reverts with NotDesigner.
    function revokeMandate(Mandate calldata mandate) external;

    // ------------------------------------------------------------------ making and paying

    /// @notice Pays the provider up to `cumulative` in all; at the full price closes, gives the bond back, and a dispute
    /// fee to the designer. Called by the designer while the agreement is open.
    /// @param cumulative paid so far after this call, gross of fees; above what is paid, at most the price
    /// @dev Reverts with Locked, NotDesigner, WrongStatus, NotRising, AbovePrice, GasTooLow.
    function release(Bid calldata bid, uint96 cumulative) external;

    /// @notice As `release`, with the designer's signed Voucher. Called by anyone while the agreement is open.
    /// @param cumulative of the voucher
    /// @param signature of the designer over the voucher
    /// @dev Reverts with Locked, ChainChanged, WrongStatus, SignatureInvalid, NotRising, AbovePrice, GasTooLow.
    function redeem(Bid calldata bid, uint96 cumulative, bytes calldata signature) external;

    /// @notice Says the units are delivered and starts the review time. Called by the provider, or a live hot key of it,
    /// while AWARDED, within makeTime, unless it gave up.
    /// @param head digest of the last record of the provider's evidence log
    /// @dev Reverts with NotProvider, WrongStatus, AlreadyGivenUp, TooLate.
    function deliver(Bid calldata bid, bytes32 head) external;

    /// @notice Pays the rest and gives the bond back, once the review time is over. Called by anyone while DELIVERED.
    /// @dev Reverts with Locked, WrongStatus, TooEarly, GasTooLow.
    function claim(Bid calldata bid) external;

    /// @notice Ends an agreement whose provider gave up, or whose making time and redeem window are over: the provider
    /// keeps of its bond the share that is paid of the price, all else goes to the designer. Called by anyone while
    /// AWARDED; where a standby is named and nothing is paid, until makeTime and two redeem windows are over, by the
    /// designer alone.
    /// @dev Reverts with Locked, WrongStatus, TooEarly, StandbyFirst, GasTooLow.
    function refund(Bid calldata bid) external;

    /// @notice Ends an agreement at no cost to either side: what is paid stays paid, the rest goes to the designer, the
    /// bond to the provider. Called by either party while AWARDED, within graceTime.
    /// @dev Reverts with Locked, NotParty, WrongStatus, TooLate, GasTooLow.
    function cancel(Bid calldata bid) external;

    /// @notice Says that the provider will not deliver: opens `refund` and `reaward` at once, `refund` to the designer alone
    /// as long as a standby has its turn. Irrevocable; the clock does not move. Called by the provider while AWARDED.
    /// @dev Reverts with NotProvider, WrongStatus, AlreadyGivenUp.
    /// Warning: vouchers are worth nothing once the agreement is closed: redeem them first.
    function giveUp(Bid calldata bid) external;

    // ------------------------------------------------------------------ disputes

    /// @notice Contests a delivery and posts the dispute fee. Called by the designer while DELIVERED, within reviewTime.
    /// @param head digest of the last record of the designer's evidence log
    /// @param fromLedger take the fee from the designer's `free` instead of from the value sent or its allowance
    /// @dev Reverts with Locked, NotDesigner, WrongStatus, TooLate, ValueMismatch, FreeTooLow, PullFailed,
    /// InexactTransfer, TokenUnsupported where the token's code is gone.
    function dispute(Bid calldata bid, bytes32 head, bool fromLedger) external payable;

    /// @notice Decides a dispute: the provider receives what `cumulative` is above what is paid, and `bondBack`; the
    /// designer the rest; the arbiter the dispute fee. Called by the arbiter while DISPUTED, within arbiterTime.
    /// @param cumulative what the provider is due in all, gross of fees, whatever was redeemed meanwhile
    /// @param bondBack out of the bond, to the provider
    /// @dev Reverts with Locked, NotArbiter, WrongStatus, TooLate, AbovePrice, AboveBond, GasTooLow.
    function rule(Bid calldata bid, uint96 cumulative, uint96 bondBack) external;

    /// @notice Splits what is unpaid and the bond as both parties agree; a dispute fee goes back to the designer. Called
    /// by either party, with the other's Settlement, while the agreement is open.
    /// @param settlement what the other party signed
    /// @param signature of the other party over `settlement`
    /// @dev Reverts with Locked, ChainChanged, NotParty, WrongStatus, AgreementMismatch, SignatureExpired,
    /// SettlementStale, AboveRest, SignatureInvalid, GasTooLow.
    function settle(Bid calldata bid, Settlement calldata settlement, bytes calldata signature) external;

    /// @notice Ends a dispute that nobody decided: the provider receives its bond and fallbackBps of what is unpaid,
    /// rounded down; the designer the rest and the dispute fee. Called by anyone while DISPUTED, after arbiterTime.
    /// @dev Reverts with Locked, WrongStatus, TooEarly, GasTooLow.
    function expire(Bid calldata bid) external;

    // ------------------------------------------------------------------ ledger

    /// @notice Adds `amount` to the `free` of `owner`, from the value sent or the caller's allowance. Called by anyone.
    /// @dev Reverts with Locked, TokenUnsupported, AmountZero, DepositTooLarge, ValueMismatch, PullFailed,
    /// InexactTransfer. Warning: the money is `owner`'s at once; nobody else can take it back.
    function deposit(address token, address owner, uint128 amount) external payable;

    /// @notice Sends `amount` of the caller's `free` to `to`, any address but this contract.
    /// @dev Reverts with Locked, AmountZero, ReceiverForbidden, FreeTooLow, GasTooLow, PushFailed.
    function withdraw(address token, address to, uint128 amount) external;

    /// @notice Moves the caller to its next epoch in a token: its unawarded bids there are dead, standby bids included.
    function bumpEpoch(address token) external;

    /// @notice Sets, renews or revokes (`until` in the past) a hot key of the caller: it may sign bids in this token and
    /// deliver.
    /// @param until last second in which it may
    /// @param bondLeft what the bids it signs may lock from now on
    /// @dev Warning: a thief who holds the key can lock and lose `bondLeft`, divert fees, and win bids nobody prints.
    /// Renewing a key that was revoked revives its unexpired bids: set another key, or raise the epoch.
    function setAgent(address token, address key, uint40 until, uint96 bondLeft) external;

    // ------------------------------------------------------------------ views

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
    /// PriceOutOfRange, PotOutOfRange, AgreementExists, SignerNotAllowed, AgentBondTooLow, SignatureInvalid, EpochChanged,
    /// BondUncovered.
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

    /// @notice The storage word of a provider's hot key in a token.
    function agents(address token, address provider, address key) external view returns (uint40 until, uint96 bondLeft);

    /// @notice The storage word of a mandate, by its EIP-712 digest.
    function mandates(bytes32 mandate) external view returns (uint32 used, bool revoked);

    /// @notice Digest of the mandate an agreement was awarded under, or zero.
    function mandateOf(bytes32 agreement) external view returns (bytes32);
}
