// A transaction of the escrow in words, read from what is really signed and not from what the site says of it.
import { Interface } from "../vendor/ethers/ethers.min.js";
import { ether, hours, moment } from "./amounts.js";
import { ACCOUNT, TELL_ACCOUNT } from "./words_account.js";

const BID = `(address provider,address designer,address token,address arbiter,address feeTo,bytes32 jobDigest,
  bytes32 printer,uint96 unitPrice,uint96 bond,uint96 disputeFee,uint32 minUnits,uint32 maxUnits,uint40 validUntil,
  uint32 makeTime,uint32 reviewTime,uint32 arbiterTime,uint32 graceTime,uint16 fallbackBps,uint16 feeBps,uint32 epoch,
  bool toLedger,uint256 salt) bid`.replace(/\s+/g, " ");
const ESCROW = new Interface([
  `function award(${BID},bytes signature,address signer,uint32 units,bytes32 standby,bytes32 book,bool fromLedger) payable`,
  `function release(${BID},uint96 cumulative)`,
  `function claim(${BID})`,
  `function refund(${BID})`,
  `function reaward(${BID},${BID.replace(/bid$/, "standby")},bytes signature,address signer)`,
  `function dropStandby(${BID})`,
  `function cancel(${BID})`,
  `function giveUp(${BID})`,
  `function dispute(${BID},bytes32 head,bool fromLedger) payable`,
  `function expire(${BID})`,
  `function deliver(${BID},bytes32 head)`,
  `function redeem(${BID},uint96 cumulative,bytes signature)`,
  `function rule(${BID},uint96 cumulative,uint96 bondBack)`,
  `function settle(${BID},(bytes32 agreement,uint96 toProvider,uint96 paid,uint8 status,uint40 deadline) settlement,bytes signature)`,
  ...ACCOUNT,
]);

const TELL = {
  ...TELL_ACCOUNT,
  award: (bid, call, tx) => ({
    title: "Award this bid",
    amount: `You pay ${ether(tx.value)}`,
    facts: {
      Held: "by the escrow contract until you accept, or a deadline passes",
      Provider: bid.provider,
      For: `${call.args.units} unit(s) at ${ether(bid.unitPrice)}`,
      "Made within": `${hours(bid.makeTime)}, or you can take it back`,
      "Bid valid until": moment(bid.validUntil),
    },
  }),
  release: (bid, call) => ({
    title: "Accept and pay",
    amount: `${ether(call.args.cumulative)} in all goes to the provider`,
    facts: { Provider: bid.provider, Fee: `${Number(bid.feeBps) / 100} % of it goes to ${bid.feeTo}`, "Your wallet": "pays the gas alone" },
  }),
  claim: (bid) => ({
    title: "Claim the price",
    amount: "The rest of the price goes to the provider",
    facts: { Provider: bid.provider, Because: "the review time is over and nobody objected" },
  }),
  refund: (bid) => ({
    title: "Refund",
    amount: "What is held goes back to the designer",
    facts: { Designer: bid.designer, Because: "the time for making it is over, or the provider gave up" },
  }),
  reaward: (bid, call) => ({
    title: "Hand over to the standby",
    amount: "The units go to the standby provider, paid by what is held",
    facts: { "Failed provider": bid.provider, "Standby provider": call.args.standby.provider, "Made within": hours(call.args.standby.makeTime) },
  }),
  dropStandby: (bid) => ({
    title: "Name the standby no longer",
    amount: "No money moves",
    facts: { Provider: bid.provider, After: "only a refund is left if the provider fails" },
  }),
  cancel: (bid) => ({
    title: "Cancel the agreement",
    amount: "What is unpaid goes back to the designer, the bond to the provider",
    facts: { Designer: bid.designer, Provider: bid.provider },
  }),
  giveUp: (bid) => ({
    title: "Give up",
    amount: `You can lose your bond of ${ether(bid.bond)}`,
    facts: { Designer: bid.designer, "Cannot be": "taken back" },
  }),
  dispute: (bid, call, tx) => ({
    title: "Dispute the delivery",
    amount: `You post ${ether(tx.value)}`,
    facts: { Arbiter: bid.arbiter, "Decided within": hours(bid.arbiterTime), "Head of your evidence": call.args.head },
  }),
  expire: (bid) => ({
    title: "End without a ruling",
    amount: `${Number(bid.fallbackBps) / 100} % of what is unpaid, and the bond, go to the provider; the rest to the designer`,
    facts: { Provider: bid.provider, Designer: bid.designer, Because: "the arbiter stayed silent" },
  }),
  deliver: (bid, call) => ({
    title: "Say it is delivered",
    amount: "No money moves yet",
    facts: { Designer: bid.designer, "Can look for": hours(bid.reviewTime), "Head of your evidence": call.args.head },
  }),
  redeem: (bid, call) => ({
    title: "Redeem a voucher",
    amount: `${ether(call.args.cumulative)} in all goes to the provider`,
    facts: { Provider: bid.provider, "Signed by": bid.designer },
  }),
  rule: (bid, call) => ({
    title: "Rule",
    amount: `${ether(call.args.cumulative)} in all for the provider`,
    facts: { Provider: bid.provider, "Of the bond": `${ether(call.args.bondBack)} goes back to the provider`, Designer: `${bid.designer} receives the rest`, "Your fee": ether(bid.disputeFee) },
  }),
  settle: (bid, call) => ({
    title: "Settle as both sides signed",
    amount: `${ether(call.args.settlement.toProvider)} for the provider, bond included`,
    facts: { Provider: bid.provider, Designer: `${bid.designer} receives the rest`, "Can be used until": moment(call.args.settlement.deadline) },
  }),
};
// The API's names have hyphens, the contract's humps.
const functionOf = (step) => step.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

export function wordsOf(step, tx) {
  const call = ESCROW.parseTransaction({ data: tx.data, value: tx.value });
  if (call?.name !== functionOf(step)) throw new Error("The site prepared another transaction than you asked for. Nothing was signed.");
  const words = TELL[call.name](call.args.bid, call, tx);
  return { ...words, facts: { ...words.facts, Contract: tx.to, Chain: String(tx.chain_id) } };
}
