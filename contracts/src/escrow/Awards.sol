// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IPrintEscrow} from "../interfaces/IPrintEscrow.sol";
import {Mandates} from "../libraries/Mandates.sol";
import {Payments} from "../libraries/Payments.sol";
import {Terms} from "../libraries/Terms.sol";
import {Agreements} from "./Agreements.sol";

/// @title Awards
/// @notice How a signed bid becomes an agreement, or the agreement of one that failed.
abstract contract Awards is Agreements {
    using Mandates for Mandate;
    using Terms for Award;
    using Terms for Bid;
    using Terms for Mandate;

    /// @dev What an award adds to a bid.
    struct Binding {
        uint32 units;
        uint96 price;
        bytes32 standby;
        bytes32 book;
        uint8 flags;
    }

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
        _bind(bid, agreement, signer, Binding(units, price, standby, book, 0));
        _take(bid.token, price, fromLedger);
    }

    /// @inheritdoc IPrintEscrow
    function awardWithPermit(
        Bid calldata bid,
        bytes calldata signature,
        address signer,
        uint32 units,
        bytes32 standby,
        bytes32 book,
        Permit calldata permit
    ) external locked returns (bytes32 agreement) {
        _requireDesigner(bid);
        if (bid.token == address(0)) revert TokenUnsupported(bid.token);
        agreement = idOf(bid);
        uint96 price = _requireAwardable(bid, agreement, signature, signer, units);
        _bind(bid, agreement, signer, Binding(units, price, standby, book, 0));
        try IERC20Permit(bid.token)
            .permit(msg.sender, address(this), price, permit.deadline, permit.v, permit.r, permit.s) {}
            catch {}
        Payments.pull(bid.token, msg.sender, price);
    }

    /// @inheritdoc IPrintEscrow
    function awardFor(
        Bid calldata bid,
        bytes calldata signature,
        address signer,
        Award calldata consent,
        bytes calldata designerSignature
    ) external locked returns (bytes32 agreement) {
        agreement = idOf(bid);
        uint96 price = _requireAwardable(bid, agreement, signature, signer, consent.units);
        if (consent.agreement != agreement) revert AgreementMismatch(consent.agreement, agreement);
        if (block.timestamp > consent.deadline) revert SignatureExpired(consent.deadline);
        _requireSigned(bid.designer, _digest(consent.structHash()), designerSignature);
        _bind(bid, agreement, signer, Binding(consent.units, price, consent.standby, consent.book, 0));
        _debit(bid.token, bid.designer, price);
    }

    /// @inheritdoc IPrintEscrow
    function awardUnder(
        Bid calldata bid,
        bytes calldata signature,
        address signer,
        uint32 units,
        bytes32 book,
        Mandate calldata mandate,
        bytes calldata mandateSignature,
        bytes32[] calldata proof
    ) external locked returns (bytes32 agreement) {
        if (msg.sender != mandate.dispatcher) {
            revert NotDispatcher(msg.sender, mandate.dispatcher);
        }
        agreement = idOf(bid);
        uint96 price = _requireAwardable(bid, agreement, signature, signer, units);
        bytes32 digest = _digest(mandate.structHash());
        _requireSigned(mandate.designer, digest, mandateSignature);
        mandate.requireWithin(bid, proof);

        _useMandate(mandate, digest, agreement, units);
        _bind(bid, agreement, signer, Binding(units, price, 0, book, REFUND_TO_LEDGER));
        _debit(bid.token, bid.designer, price);
    }

    /// @inheritdoc IPrintEscrow
    function reaward(Bid calldata bid, Bid calldata standby, bytes calldata signature, address signer)
        external
        locked
        returns (bytes32 agreement)
    {
        (bytes32 failed, Agreement memory before) = _loadIn(bid, Status.AWARDED);
        _requireFailed(bid, before);
        if (before.paid != 0) revert AlreadyPaid(failed, before.paid);
        agreement = idOf(standby);
        _requireStandby(bid, failed, standby, agreement);
        uint32 units = uint32(before.price / bid.unitPrice);
        uint96 price = _requireAwardable(standby, agreement, signature, signer, units);
        uint96 held = before.price + bid.bond;
        if (held < price) revert StandbyTooDear(price, held);

        _tombstone(failed, before);
        _countFailure(bid);
        emit Closed(failed, How.REAWARDED, 0, 0, held - price, 0);
        _bind(standby, agreement, signer, Binding(units, price, 0, 0, 0));
        _send(bid.token, bid.designer, failed, held - price);
    }

    /// @inheritdoc IPrintEscrow
    function dropStandby(Bid calldata bid) external {
        _requireDesigner(bid);
        (bytes32 id,) = _loadIn(bid, Status.AWARDED);
        if (standbyOf[id] == 0) revert NotStandby(0, 0);
        delete standbyOf[id];
        emit StandbyDropped(id);
    }

    /// @inheritdoc IPrintEscrow
    function revokeMandate(Mandate calldata mandate) external {
        if (msg.sender != mandate.designer) revert NotDesigner(msg.sender, mandate.designer);
        bytes32 digest = _digest(mandate.structHash());
        mandates[digest].revoked = true;
        emit MandateRevoked(digest, msg.sender);
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

    // ------------------------------------------------------------------ steps

    function _requireAwardable(Bid calldata bid, bytes32 id, bytes calldata signature, address signer, uint32 units)
        private
        view
        returns (uint96 price)
    {
        _requireToken(bid.token);
        bid.requireSane();
        if (block.timestamp > bid.validUntil) revert BidExpired(bid.validUntil);
        price = bid.priceOf(units);
        if (_exists(id)) revert AgreementExists(id);
        _requireSigner(bid, signer);
        _requireSigned(signer, id, signature);
        Account memory account = accounts[bid.token][bid.provider];
        if (account.epoch != bid.epoch) revert EpochChanged(bid.epoch, account.epoch);
        if (account.free < bid.bond) revert BondUncovered(bid.bond, account.free);
    }

    function _requireStandby(Bid calldata bid, bytes32 id, Bid calldata standby, bytes32 standbyId) private view {
        bytes32 named = standbyOf[id];
        if (standbyId != named) revert NotStandby(standbyId, named);
        if (
            standby.provider == bid.provider || standby.designer != bid.designer || standby.token != bid.token
                || standby.jobDigest != bid.jobDigest
        ) revert StandbyUnfit(standbyId);
    }

    function _useMandate(Mandate calldata mandate, bytes32 digest, bytes32 agreement, uint32 units) private {
        MandateUse memory use = mandates[digest];
        if (use.revoked) revert RevokedMandate(digest);
        uint256 used = uint256(use.used) + units;
        if (used > mandate.units) revert MandateUsedUp(units, mandate.units - use.used);

        use.used = uint32(used);
        mandates[digest] = use;
        mandateOf[agreement] = digest;
        emit MandateUsed(digest, agreement, use.used);
    }

    /// @dev Makes the agreement and locks the bond; the caller sees to the price.
    function _bind(Bid calldata bid, bytes32 id, address signer, Binding memory terms) private {
        _lockBond(bid, signer);
        _write(id, Agreement(Status.AWARDED, terms.flags, uint40(block.timestamp), terms.price, 0));
        if (terms.standby != 0) standbyOf[id] = terms.standby;
        emit Awarded(id, bid.designer, bid.provider, bid, terms.units, terms.standby, terms.book);
    }
}
