// What became of a transaction: its block by the wallet's own node, which is quicker, its fate by the site.
import { get, post } from "./api.js";

const LOOK_MS = 1500;
const UNDECIDED = ["PENDING", "MINED"];

// So that the site follows it too, when this page is long closed. Sent it is in any case.
async function note(hash, about) {
  await post("transactions", { hash, ...about }).catch((problem) => console.warn(problem.message));
}

// Sections that show it fetch themselves anew, also where no socket tells them.
function announce() {
  for (const kind of ["transaction", "agreement"]) document.body.dispatchEvent(new Event(`changed-${kind}`));
}

async function watch(hash, tell, watched) {
  for (let before = ""; watched(); await new Promise((later) => setTimeout(later, LOOK_MS))) {
    const fate = await get(`transactions/${hash}`).catch(() => null);
    if (!fate || fate.status === before) continue;
    before = fate.status;
    announce();
    if (fate.status === "FINAL") tell(`Done, in block ${fate.block}, for good.`);
    else if (!UNDECIDED.includes(before)) tell(fate.summary, true);
    if (fate.settled) return;
  }
}

// The wallet made it dearer: the same call, mined under another hash.
const isRepriced = (problem) => problem.code === "TRANSACTION_REPLACED" && problem.reason === "repriced" && problem.receipt.status === 1;

async function receiptOf(provider, hash, about) {
  const [sent, block] = await Promise.all([provider.getTransaction(hash), provider.getBlockNumber()]);
  try {
    // A wallet may tell a hash before its node knows the transaction.
    return await (sent ? sent.replaceableTransaction(block).wait() : provider.waitForTransaction(hash));
  } catch (problem) {
    if (!isRepriced(problem)) throw problem;
    await note(problem.replacement.hash, about);
    return problem.receipt;
  }
}

// Resolves once it is in a block, to false where the site knew before that it never will be. Raises where it failed.
export async function follow(provider, hash, { about, tell, watched }) {
  tell(`Sent as ${hash}. Waiting for a block…`);
  await note(hash, about);
  let decided = false;
  const decide = (...words) => (decided = true) && tell(...words);
  watch(hash, decide, watched);
  try {
    const receipt = await receiptOf(provider, hash, about);
    if (receipt.status === 0) throw Object.assign(new Error("It failed."), { receipt });
    if (!decided) tell(`Done, in block ${receipt.blockNumber}. The chain has not finalised it yet.`);
  } catch (problem) {
    if (!decided) throw problem;
    return false;
  }
  announce();
  return true;
}
