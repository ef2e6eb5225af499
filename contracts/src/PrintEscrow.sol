// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "./interfaces/IPrintEscrow.sol";
import {Payments} from "./libraries/Payments.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Terms} from "./libraries/Terms.sol";

/// @title PrintEscrow
/// @notice Agreements and their money. No owner, no proxy, no pause: each hold ends by its signed terms and the clock.
/// @dev Signed terms travel in calldata; storage is keyed by their digest, which is also the replay guard.
contract PrintEscrow is IPrintEscrow {
    using Terms for Bid;

    /// @inheritdoc IPrintEscrow
    uint256 public constant override REDEEM_WINDOW = 12 hours;

    uint256 private immutable _chainId;
    bytes32 private immutable _domainSeparator;

    /// @inheritdoc IPrintEscrow
    mapping(bytes32 agreement => Agreement) public override agreements;
    /// @inheritdoc IPrintEscrow
    mapping(address token => mapping(address owner => Account)) public override accounts;
    /// @inheritdoc IPrintEscrow
    mapping(bytes32 agreement => bytes32 standby) public override standbyOf;

    /// @dev A whole word: a bool would be read again before it is written.
    uint256 private transient _lock;

    /// @dev On everything that moves money: a receiver that calls back finds the door shut.
    modifier locked() {
        if (_lock != 0) revert Locked();
        _lock = 1;
        _;
        _lock = 0;
    }

    constructor() {
        _chainId = block.chainid;
        _domainSeparator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("PrintEscrow"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    // ------------------------------------------------------------------ agreements

    /// @inheritdoc IPrintEscrow
    function award(
        Bid calldata bid,
        bytes calldata signature,
        address signer,
        uint32 units,
        bytes32 standby,
        bytes32 book,
        bool fromLedger
    ) external payable locked returns (bytes32 agreement) {
        _requireDesigner(bid);
        agreement = idOf(bid);
        uint96 price = _requireAwardable(bid, agreement, signature, signer, units);

        if (bid.bond != 0) _debit(bid.token, bid.provider, bid.bond);
        agreements[agreement] = Agreement(Status.AWARDED, 0, uint40(block.timestamp), price, 0);
        if (standby != 0) standbyOf[agreement] = standby;
        _requireValue(fromLedger ? 0 : price);
        if (fromLedger) _debit(bid.token, msg.sender, price);
        emit Awarded(agreement, msg.sender, bid.provider, bid, units, standby, book);
    }

    /// @inheritdoc IPrintEscrow
    function release(Bid calldata bid, uint96 cumulative) external locked {
        _requireDesigner(bid);
        (bytes32 id, Agreement memory agreement) = _load(bid);
        if (agreement.status != Status.AWARDED && agreement.status != Status.DELIVERED) {
            revert WrongStatus(id, agreement.status);
        }
        _pay(bid, id, agreement, cumulative, How.RELEASED);
    }

    /// @inheritdoc IPrintEscrow
    function deliver(Bid calldata bid, bytes32 head) external {
        if (msg.sender != bid.provider) revert NotProvider(msg.sender, bid.provider);
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.AWARDED);
        uint256 deadline = uint256(agreement.clock) + bid.makeTime;
        if (block.timestamp > deadline) revert TooLate(deadline);

        agreement.status = Status.DELIVERED;
        agreement.clock = uint40(block.timestamp);
        agreements[id] = agreement;
        emit Delivered(id, head);
    }

    /// @inheritdoc IPrintEscrow
    function claim(Bid calldata bid) external locked {
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.DELIVERED);
        _requireAfter(uint256(agreement.clock) + bid.reviewTime);
        _pay(bid, id, agreement, agreement.price, How.CLAIMED);
    }

    /// @inheritdoc IPrintEscrow
    function refund(Bid calldata bid) external locked {
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.AWARDED);
        uint256 deadline = uint256(agreement.clock) + bid.makeTime + REDEEM_WINDOW;
        _requireAfter(deadline);
        deadline += REDEEM_WINDOW;
        if (block.timestamp <= deadline && msg.sender != bid.designer && standbyOf[id] != 0) {
            revert StandbyFirst(deadline);
        }
        // At most the bond, since paid < price while an agreement is open.
        uint96 bondBack = uint96(uint256(bid.bond) * agreement.paid / agreement.price);
        // The pot was checked at award to fit.
        uint96 toDesigner = agreement.price - agreement.paid + (bid.bond - bondBack);

        agreement.status = Status.CLOSED;
        agreement.clock = uint40(block.timestamp);
        agreements[id] = agreement;
        // Unchecked: a counter that wraps must not hold money back.
        unchecked {
            if (bid.bond != 0) ++accounts[bid.token][bid.provider].failed;
        }
        emit Closed(id, How.REFUNDED, 0, 0, toDesigner, bondBack);
        if (bondBack != 0) _credit(bid.token, bid.provider, id, bondBack);
        _send(bid.token, bid.designer, id, toDesigner);
    }

    // ------------------------------------------------------------------ ledger

    /// @inheritdoc IPrintEscrow
    function deposit(address token, address owner, uint128 amount) external payable locked {
        _requireToken(token);
        if (amount == 0) revert AmountZero();
        _requireValue(amount);
        accounts[token][owner].free += amount;
        emit Deposited(token, owner, msg.sender, amount);
    }

    /// @inheritdoc IPrintEscrow
    function withdraw(address token, address to, uint128 amount) external locked {
        _requireToken(token);
        if (amount == 0) revert AmountZero();
        if (to == address(this)) revert ReceiverForbidden(to);
        _debit(token, msg.sender, amount);
        emit Withdrawn(token, msg.sender, to, amount);
        if (!Payments.push(to, amount)) revert PushFailed(token, to, amount);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IPrintEscrow
    function isAwardable(Bid calldata bid, bytes calldata signature, address signer, uint32 units)
        external
        view
        returns (bytes32 agreement, bytes4 reason)
    {
        agreement = idOf(bid);
        try this.checkAwardable(bid, signature, signer, units) {}
        catch (bytes memory answer) {
            // No answer is not a yes.
            if (answer.length < 4) revert CheckIncomplete();
            reason = bytes4(answer);
        }
    }

    /// @inheritdoc IPrintEscrow
    function checkAwardable(Bid calldata bid, bytes calldata signature, address signer, uint32 units) external view {
        _requireAwardable(bid, idOf(bid), signature, signer, units);
    }

    /// @inheritdoc IPrintEscrow
    function idOf(Bid calldata bid) public view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", _domainSeparator, bid.structHash()));
    }

    /// @inheritdoc IPrintEscrow
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparator;
    }

    // ------------------------------------------------------------------ checks

    function _requireAwardable(Bid calldata bid, bytes32 id, bytes calldata signature, address signer, uint32 units)
        private
        view
        returns (uint96 price)
    {
        if (block.chainid != _chainId) revert ChainChanged(block.chainid, _chainId);
        _requireToken(bid.token);
        bid.requireSane();
        if (block.timestamp > bid.validUntil) revert BidExpired(bid.validUntil);
        price = bid.priceOf(units);
        if (agreements[id].status != Status.NONE) revert AgreementExists(id);
        if (signer != bid.provider) revert SignerNotAllowed(signer, bid.provider);
        if (!Signatures.isValid(signer, id, signature)) revert SignatureInvalid(signer, id);
        Account memory account = accounts[bid.token][bid.provider];
        if (account.epoch != bid.epoch) revert EpochChanged(bid.epoch, account.epoch);
        if (account.free < bid.bond) revert BondUncovered(bid.bond, account.free);
    }

    function _requireDesigner(Bid calldata bid) private view {
        if (msg.sender != bid.designer) revert NotDesigner(msg.sender, bid.designer);
    }

    function _requireToken(address token) private pure {
        if (token != address(0)) revert TokenUnsupported(token);
    }

    function _requireValue(uint256 expected) private view {
        if (msg.value != expected) revert ValueMismatch(msg.value, expected);
    }

    function _requireAfter(uint256 deadline) private view {
        if (block.timestamp <= deadline) revert TooEarly(deadline);
    }

    function _load(Bid calldata bid) private view returns (bytes32 id, Agreement memory agreement) {
        id = idOf(bid);
        agreement = agreements[id];
    }

    function _loadIn(Bid calldata bid, Status status) private view returns (bytes32 id, Agreement memory agreement) {
        (id, agreement) = _load(bid);
        if (agreement.status != status) revert WrongStatus(id, agreement.status);
    }

    // ------------------------------------------------------------------ money

    /// @dev Raises what is paid to `cumulative`; at the full price closes, gives the bond back and counts a completion.
    function _pay(Bid calldata bid, bytes32 id, Agreement memory agreement, uint96 cumulative, How how) private {
        uint96 before = agreement.paid;
        if (cumulative <= before) revert NotRising(cumulative, before);
        if (cumulative > agreement.price) revert AbovePrice(cumulative, agreement.price);
        // At most a tenth of what is paid rounded up, hence never more than what is paid.
        uint96 fee = uint96(bid.feeOn(cumulative) - bid.feeOn(before));
        uint96 toProvider = cumulative - before - fee;
        bool full = cumulative == agreement.price;

        agreement.paid = cumulative;
        if (full) {
            agreement.status = Status.CLOSED;
            agreement.clock = uint40(block.timestamp);
        }
        agreements[id] = agreement;
        emit Paid(id, cumulative, fee, full ? how : How.OPEN);
        if (fee != 0) _credit(bid.token, bid.feeTo, id, fee);
        uint128 toFree = bid.toLedger ? toProvider : 0;
        if (full) {
            toFree += bid.bond;
            // Unchecked: a counter that wraps must not hold money back.
            unchecked {
                ++accounts[bid.token][bid.provider].completed;
            }
        }
        if (toFree != 0) _credit(bid.token, bid.provider, id, toFree);
        if (!bid.toLedger && toProvider != 0) _send(bid.token, bid.provider, id, toProvider);
    }

    function _send(address token, address to, bytes32 id, uint96 amount) private {
        if (!Payments.push(to, amount)) _credit(token, to, id, amount);
    }

    function _credit(address token, address owner, bytes32 id, uint128 amount) private {
        accounts[token][owner].free += amount;
        emit Credited(token, owner, id, amount);
    }

    function _debit(address token, address owner, uint128 amount) private {
        Account storage account = accounts[token][owner];
        uint128 free = account.free;
        if (free < amount) revert FreeTooLow(free, amount);
        unchecked {
            account.free = free - amount;
        }
    }
}
