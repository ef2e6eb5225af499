import { ponder } from "ponder:registry";
import { log } from "ponder:schema";

const plain = (args: unknown) =>
  JSON.parse(JSON.stringify(args, (_, value) => (typeof value === "bigint" ? value.toString() : value)));

for (const name of ["Awarded", "Delivered", "Paid", "Deposited"] as const) {
  ponder.on(`Escrow:${name}`, async ({ event, context }) => {
    await context.db.insert(log).values({ id: event.id, name, args: plain(event.args) });
  });
}
