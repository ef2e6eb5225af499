import { onchainTable } from "ponder";

export const log = onchainTable("log", (t) => ({
  id: t.text().primaryKey(),
  name: t.text().notNull(),
  args: t.json().notNull(),
}));
