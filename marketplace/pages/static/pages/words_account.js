// The steps about oneself in words: a balance in the escrow, hot keys, epochs, mandates, and what a token may be let do.
import { ZeroAddress } from "../vendor/ethers/ethers.min.js";
import { ether, moment } from "./amounts.js";

const MANDATE = `(address designer,address dispatcher,address token,address arbiter,bytes32 jobDigest,bytes32 printers,
  uint96 maxUnitPrice,uint96 minBond,uint96 maxDisputeFee,uint32 units,uint32 maxMakeTime,uint32 minReviewTime,
  uint32 minArbiterTime,uint32 maxArbiterTime,uint32 maxGraceTime,uint16 maxFallbackBps,uint40 validUntil,
  uint256 salt) mandate`.replace(/\s+/g, " ");

export const ACCOUNT = [
  "function deposit(address token,address owner,uint128 amount) payable",
  "function withdraw(address token,address to,uint128 amount)",
  "function bumpEpoch(address token)",
  "function setAgent(address token,address key,uint40 until,uint96 bondLeft)",
  `function revokeMandate(${MANDATE})`,
  "function approve(address spender,uint256 amount)",
];

const coins = (amount, token) => (token === ZeroAddress ? ether(amount) : `${amount} of the smallest units of the token ${token}`);
const named = (token) => (token === ZeroAddress ? "ETH" : token);
// A year of five digits is none that a Date can tell.
const until = (seconds) => (Number(seconds) < 8.64e12 ? moment(seconds) : "for ever");
const isOver = (seconds) => Number(seconds) * 1000 < Date.now();

export const TELL_ACCOUNT = {
  deposit: (_, { args }) => ({
    title: "Deposit",
    amount: `You pay ${coins(args.amount, args.token)}`,
    facts: { Into: "the free balance in the escrow", Of: args.owner },
  }),
  withdraw: (_, { args }) => ({
    title: "Withdraw",
    amount: `${coins(args.amount, args.token)} leaves your free balance`,
    facts: { To: args.to },
  }),
  bumpEpoch: (_, { args }) => ({
    title: "Withdraw all your bids",
    amount: "No money moves",
    facts: { "Bids in": named(args.token), "Cannot be": "taken back" },
  }),
  setAgent: (_, { args }) => ({
    title: isOver(args.until) ? "Revoke a hot key" : "Set a hot key",
    amount: isOver(args.until) ? "Its bids can no longer be awarded" : `Its bids may lock up to ${coins(args.bondLeft, args.token)}`,
    facts: { Key: args.key, "Bids in": named(args.token), Until: isOver(args.until) ? "it is over" : until(args.until) },
  }),
  revokeMandate: (_, { args }) => ({
    title: "Revoke a mandate",
    amount: "No money moves",
    facts: { Dispatcher: args.mandate.dispatcher, "For up to": `${args.mandate.units} unit(s)`, "Cannot be": "taken back" },
  }),
  approve: (_, { args }) => ({
    title: "Let the escrow take tokens",
    amount: `Up to ${args.amount} of their smallest units`,
    facts: { By: args.spender, After: "the step itself follows" },
  }),
};
