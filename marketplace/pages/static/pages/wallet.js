// Signing in, the steps of the escrow, and mandates: prepared by the site, shown in words, signed by their owner.
import { post } from "./api.js";
import { follow } from "./fates.js";
import { requestOf } from "./fields.js";
import { chainId, ownSigner, signerFor } from "./signers.js";
import { wordsOf } from "./words.js";
import { mandateWords } from "./words_mandate.js";

const dialog = document.getElementById("wallet");
const body = document.getElementById("wallet-body");
const status = document.getElementById("wallet-status");
const go = document.getElementById("wallet-go");
const close = document.getElementById("wallet-close");

// Wallets and nodes wrap their reasons differently.
function reasonOf(problem) {
  if (problem.code === "ACTION_REJECTED") return "You declined in your wallet. Nothing was sent.";
  if (problem.code === "TRANSACTION_REPLACED") return "Another transaction of your wallet took its place. This one is void.";
  if (problem.receipt) return `The transaction ${problem.receipt.hash} failed on chain; only gas was spent.`;
  return problem.shortMessage ?? problem.info?.error?.message ?? problem.message;
}

function tell(place, text, failed = false) {
  place.textContent = text;
  place.classList.toggle("failed", failed);
}

function checkMessage(message, address) {
  const right = message.startsWith(`${location.host} `) && message.includes(address) && message.includes(`Chain ID: ${chainId()}`);
  if (!right) throw new Error("The message to sign is not for this site, address and chain. Nothing was signed.");
}

export async function signIn(button, choice) {
  const place = document.getElementById("sign-in-status");
  button.disabled = true;
  try {
    tell(place, "Asking your wallet…");
    const signer = await signerFor(choice);
    const address = await signer.getAddress();
    const { message } = await post("auth/challenge", { address });
    checkMessage(message, address);
    await post("auth/session", { message, signature: await signer.signMessage(message) });
    location.assign(document.getElementById("sign-in").dataset.after);
  } catch (problem) {
    tell(place, reasonOf(problem), true);
    button.disabled = false;
  }
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

const count = (number) => number.toLocaleString("en");

// First what is really signed, then what the site says of it, then how it fared when it was tried.
function describe({ title, amount, facts }, { summary, warnings, simulation, transaction }) {
  document.getElementById("wallet-title").textContent = title;
  const list = element("dl", "", "facts");
  const gas = simulation ? { Gas: `about ${count(simulation.gas)}, at most ${count(transaction.gas)}` } : {};
  for (const [name, value] of Object.entries({ ...facts, ...gas })) list.append(element("dt", name), element("dd", value));
  const warned = warnings.map((text) => element("p", text, "notice bad"));
  const tried = simulation ? [element("p", "Tried on the chain just now: it would go through.", "faint")] : [];
  body.replaceChildren(element("p", amount, "amount"), list, element("p", summary, "faint"), ...tried, ...warned);
}

// What is done with the dialog from its opening to its closing; what comes later is not shown in the next one's.
class Session {
  constructor() {
    this.open = true;
    close.onclick = () => dialog.close();
    this.closed = new Promise((resolve) => {
      dialog.onclose = () => resolve((this.open = false));
    });
    dialog.showModal();
  }

  tell = (text, failed) => this.open && tell(status, text, failed);

  begin(question) {
    body.replaceChildren();
    document.getElementById("wallet-title").textContent = "Preparing…";
    tell(status, question);
    [go.hidden, go.disabled, close.textContent] = [true, false, "Cancel"];
  }

  // Resolves to true when the reader agrees to what is described, to false when the dialog is closed.
  async agreed(words, told) {
    describe(words, told);
    tell(status, "");
    go.hidden = false;
    const yes = await Promise.race([this.closed, new Promise((resolve) => (go.onclick = () => resolve(true)))]);
    go.disabled = true;
    if (yes) this.tell("Waiting for your signature…");
    return yes;
  }

  end() {
    if (this.open) [go.hidden, close.textContent] = [true, "Close"];
  }
}

// What a transaction is about, where that is an agreement or a bid.
const aboutOf = (path) => /^(?:agreements|bids)\/(0x[0-9a-f]{64})\//.exec(path)?.[1];

// At once, before the wallet's node knows the transaction: from then on its fate is followed.
async function hashOf(signer, { to, data, value, gas, chain_id }) {
  const call = { to, data, value: BigInt(value), gasLimit: gas, chainId: chain_id };
  if (signer.sendUncheckedTransaction) return signer.sendUncheckedTransaction(call);
  return (await signer.sendTransaction(call)).hash;
}

// A token must first let the escrow take the money: then that is prepared, and the step itself after it.
async function walk(session, { step, path, body: asked }) {
  session.begin("Asking the escrow contract whether this can be done…");
  const told = await post(path, asked);
  const { transaction, step: prepared, then } = told;
  if (!session.open) return;
  if (transaction.chain_id !== chainId()) throw new Error("The transaction is for another chain. Nothing was signed.");
  if (!(await session.agreed(wordsOf(then === step ? "approve" : step, transaction), told))) return;
  const signer = await ownSigner();
  const hash = await hashOf(signer, transaction);
  session.end();
  const about = { step: prepared, agreement: aboutOf(path) };
  // The fate of an allowance is not told over that of the step which follows it.
  let last = true;
  const say = (...words) => last && session.tell(...words);
  const mined = await follow(signer.provider, hash, { about, tell: say, watched: () => last && session.open });
  if (!mined || then !== step || !session.open) return;
  last = false;
  await walk(session, { step, path, body: asked });
}

// The limits are signed and handed in: nothing is sent to the chain.
async function handIn(session, job) {
  session.begin("Asking for the limits that follow from the job…");
  const { typed_data: typed, ...told } = await post("typed-data/mandate", { job });
  const { domain, types, message } = typed;
  if (!session.open) return;
  if (domain.chainId !== chainId()) throw new Error("The mandate is for another chain. Nothing was signed.");
  if (!(await session.agreed(mandateWords(typed), told))) return;
  const { EIP712Domain, ...own } = types;
  const signer = await ownSigner();
  await post("mandates", { mandate: message, signature: await signer.signTypedData(domain, own, message) });
  document.body.dispatchEvent(new Event("changed-mandate"));
  session.tell("Signed and handed in. The dispatcher awards the best bid within these limits.");
}

async function inDialog(work) {
  const session = new Session();
  try {
    await work(session);
  } catch (problem) {
    session.tell(reasonOf(problem), true);
  }
  session.end();
}

export const takeStep = (source) => inDialog((session) => walk(session, requestOf(source)));
export const signMandate = (button) => inDialog((session) => handIn(session, button.dataset.mandate));
