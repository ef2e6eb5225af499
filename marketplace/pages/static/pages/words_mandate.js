// What a mandate lets its dispatcher do, read from the typed data that is signed.
import { ether, hours, moment } from "./amounts.js";


export function mandateWords({ primaryType, domain, message }) {
  if (primaryType !== "Mandate") throw new Error("The site prepared something else to sign. Nothing was signed.");
  return {
    title: "Let the dispatcher award",
    amount: `At most ${ether(BigInt(message.maxUnitPrice) * BigInt(message.units))} in all, from your free balance`,
    facts: {
      Dispatcher: message.dispatcher,
      For: `${message.units} unit(s) at ${ether(message.maxUnitPrice)} at most`,
      "Made within": hours(message.maxMakeTime),
      "Time to look": `at least ${hours(message.minReviewTime)}`,
      "Valid until": moment(message.validUntil),
      Contract: domain.verifyingContract,
      Chain: String(domain.chainId),
    },
  };
}
