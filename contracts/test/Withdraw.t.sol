// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";
import {PlainWallet} from "./helpers/Wallets.sol";
import {AnswerToken} from "./helpers/tokens/AnswerToken.sol";
import {RefusingToken} from "./helpers/tokens/RefusingTokens.sol";

contract WithdrawTest is Cases {
    uint256 private constant PUSH_GAS_NEEDED = 66_000;

    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_TheAmountIsZero(address owner, address to, uint8 kind) public {
        drawCurrency(kind);
        vm.expectRevert(IEscrowTypes.AmountZero.selector);
        vm.prank(owner);
        escrow.withdraw(currency, to, 0);
    }

    function testFuzz_RevertWhen_TheReceiverIsTheEscrow(uint96 amount, uint8 kind) public {
        amount = ready(amount, kind);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ReceiverForbidden.selector, escrow));
        withdraw(address(escrow), amount);
    }

    function testFuzz_RevertWhen_TheAmountIsMoreThanFree(uint96 held, uint128 amount, uint8 kind) public {
        drawCurrency(kind);
        amount = uint128(bound(amount, uint256(held) + 1, type(uint128).max / 2));
        fund(bo, held);
        fund(ada, amount); // another's money is no help
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, held, amount));
        withdraw(bo, amount);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, held, uint256(held) + 1));
        withdraw(bo, uint128(held) + 1);
    }

    /// @dev Money in one currency is no help in another, not even if the escrow holds enough of that.
    function testFuzz_RevertGiven_AnotherCurrency(uint96 amount, uint8 kind) public {
        amount = ready(amount, kind);
        drawCurrency(kind % 3 + 1);
        fund(ada, amount);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, 0, amount));
        withdraw(bo, amount);
    }

    /// @dev A bond that is locked cannot be taken out.
    function testFuzz_RevertGiven_TheBondIsLocked(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        raw.bond = uint96(bound(raw.bond, 1, MAX_AMOUNT));
        Case memory c = openCase(raw, units, 0, which);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, 0, c.bid.bond));
        withdraw(bo, c.bid.bond);
    }

    /// @dev The money stays free, and leaves for another address.
    function testFuzz_RevertWhen_TheReceiverRefuses(uint96 amount, uint8 kind) public {
        amount = ready(amount, kind);
        shutOut(ada);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PushFailed.selector, currency, ada, amount));
        withdraw(ada, amount);
        assertEq(free(bo), amount);
        withdraw(eve, amount);
        assertEq(money(eve), amount);
    }

    /// @dev Better no than a balance that is gone: the token may change its mind.
    function testFuzz_RevertWhen_TheTokenRefuses(uint96 amount, uint8 kind, uint8 refusal) public {
        amount = ready(amount, 1 + kind % 2);
        bytes memory good = currency.code;
        if (refusal % 7 == 6) vm.etch(currency, address(new AnswerToken(AnswerToken.Answer.FALSE)).code);
        else vm.etch(currency, address(new RefusingToken(RefusingToken.Refusal(refusal % 7))).code);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PushFailed.selector, currency, bo, amount));
        withdraw(bo, amount);
        assertEq(free(bo), amount);
        vm.etch(currency, good);
        withdraw(bo, amount);
        assertEq(money(bo), amount);
    }

    /// @dev No code, no transfer, though the call itself would succeed.
    function testFuzz_RevertGiven_ATokenThatIsGone(uint96 amount, uint8 kind) public {
        amount = ready(amount, 1 + kind % 2);
        vm.etch(currency, "");
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PushFailed.selector, currency, bo, amount));
        withdraw(bo, amount);
        assertEq(free(bo), amount);
    }

    function testFuzz_RevertWhen_TooLittleGasIsLeftToForward(uint96 amount, uint256 gasLimit) public {
        amount = ready(amount, 0);
        bytes memory data = abi.encodeCall(escrow.withdraw, (NATIVE, bo, amount));
        vm.prank(bo);
        (bool ok, bytes memory answer) = address(escrow).call{gas: bound(gasLimit, 30_000, 66_000)}(data);
        assertFalse(ok);
        assertEq(bytes4(answer), IEscrowTypes.GasTooLow.selector);
        (uint256 gasLeft, uint256 needed) = abi.decode(this.members(answer), (uint256, uint256));
        assertLt(gasLeft, needed);
        assertEq(needed, PUSH_GAS_NEEDED);
        assertEq(free(bo), amount);
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_SendsToAnyAddress(uint96 held, uint96 amount, uint256 key, uint8 kind) public {
        held = ready(held, kind);
        amount = uint96(bound(amount, 1, held));
        address to = vm.addr(boundPrivateKey(key));
        vm.assume(to != charlie);
        withdraw(to, amount);
        assertEq(money(to), amount);
        assertEq(free(bo), held - amount);
        assertEq(money(address(escrow)), held - amount);
    }

    function testFuzz_SendsToAWallet(uint96 amount, uint8 kind) public {
        amount = ready(amount, kind);
        address wallet = address(new PlainWallet());
        withdraw(wallet, amount);
        assertEq(money(wallet), amount);
        assertEq(free(bo), 0);
    }

    function testFuzz_LeavesTheRestOfTheWord(IEscrowTypes.Bid memory raw, uint32 units) public {
        raw.bond = uint96(bound(raw.bond, 1, MAX_AMOUNT));
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        close(c);
        vm.startPrank(bo);
        escrow.bumpEpoch(currency);
        escrow.withdraw(currency, bo, uint128(free(bo)));
        vm.stopPrank();
        assertEq(free(bo), 0);
        assertCounters(1, 0);
        assertEq(account(bo).epoch, 1);
        assertEq(money(bo), c.price - feeOn(c.bid, c.price) + c.bid.bond);
    }

    function testFuzz_EmitsWhereItWent(uint96 amount, address to, uint8 kind) public {
        amount = ready(amount, kind);
        vm.assume(to != address(escrow));
        if (currency == NATIVE) to = charlie; // any other might refuse
        _expectLog();
        emit IEscrowTypes.Withdrawn(currency, bo, to, amount);
        withdraw(to, amount);
        assertNoOtherLogs();
    }

    // ------------------------------------------------------------------ helpers

    /// @dev Bo has some amount free, in some currency.
    function ready(uint96 amount, uint8 kind) internal returns (uint96) {
        drawCurrency(kind);
        amount = uint96(bound(amount, 1, type(uint96).max));
        fund(bo, amount);
        return amount;
    }

    function withdraw(address to, uint128 amount) internal {
        vm.prank(bo);
        escrow.withdraw(currency, to, amount);
    }

    /// @dev An error's members, without its selector.
    function members(bytes calldata answer) external pure returns (bytes memory) {
        return answer[4:];
    }
}
