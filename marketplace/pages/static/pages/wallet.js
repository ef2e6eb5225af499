// Signing in, and the steps of an agreement, and mandates: prepared by the site, shown in words, signed by their owner.
import { post } from "./api.js";
import { chainId, ownSigner, signerFor } from "./signers.js";
import { mandateWords, wordsOf } from "./words.js";

const dialog = document.getElementById("wallet");
const body = document.getElementById("wallet-body");
const status = document.getElementById("wallet-status");
const go = document.getElementById("wallet-go");
const close = document.getElementById("wallet-close");

// Wallets and nodes wrap their reasons differently.
function reasonOf(problem) {
  if (problem.code === "ACTION_REJECTED") return "You declined in your wallet. Nothing was sent.";
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

// First what is really signed, then what the site says of it.
function describe({ title, amount, facts }, { summary, warnings }) {
  document.getElementById("wallet-title").textContent = title;
  const list = element("dl", "", "facts");
  for (const [name, value] of Object.entries(facts)) list.append(element("dt", name), element("dd", value));
  const warned = warnings.map((text) => element("p", text, "notice bad"));
  body.replaceChildren(element("p", amount, "amount"), list, element("p", summary, "faint"), ...warned);
}

// Resolves to true when the reader agrees, to false when the dialog is closed.
function agreed() {
  return new Promise((resolve) => {
    go.onclick = () => resolve(true);
    dialog.onclose = () => resolve(false);
  });
}

// So that its fate is followed here too, when this page is long closed. Sent it is in any case.
async function note(hash, step, agreement) {
  await post("transactions", { hash, step, agreement }).catch((problem) => console.warn(problem.message));
}

async function send(tx, step, agreement) {
  const signer = await ownSigner();
  const sent = await signer.sendTransaction({ to: tx.to, data: tx.data, value: BigInt(tx.value), gasLimit: tx.gas, chainId: tx.chain_id });
  tell(status, `Sent as ${sent.hash}. Waiting for a block…`);
  await note(sent.hash, step, agreement);
  return sent.wait();
}

// What is prepared, agreed and done in the dialog, which says how it went; `done` is the last word.
export async function talk(question, work) {
  body.replaceChildren();
  document.getElementById("wallet-title").textContent = "Preparing…";
  tell(status, question);
  [go.hidden, go.disabled, close.textContent] = [true, false, "Cancel"];
  close.onclick = () => dialog.close();
  dialog.showModal();
  try {
    const done = await work();
    if (!done) return;
    tell(status, done);
  } catch (problem) {
    tell(status, reasonOf(problem), true);
  }
  go.hidden = true;
  close.textContent = "Close";
}

// Whether the reader agrees to what is described.
export async function asked(words, told) {
  describe(words, told);
  tell(status, "");
  go.hidden = false;
  if (!(await agreed())) return false;
  go.disabled = true;
  tell(status, "Waiting for your signature…");
  return true;
}

export const takeStep = (button) =>
  talk("Asking the escrow contract whether this can be done…", async () => {
    const { path, wallet: step, body: sent = "{}" } = button.dataset;
    const { transaction, ...told } = await post(path, JSON.parse(sent));
    if (transaction.chain_id !== chainId()) throw new Error("The transaction is for another chain. Nothing was signed.");
    if (!(await asked(wordsOf(step, transaction), told))) return "";
    const [kind, id] = path.split("/");
    const receipt = await send(transaction, step, kind === "escrow" ? undefined : id);
    return `Done, in block ${receipt.blockNumber}. This page follows by itself.`;
  });

// The limits are signed and handed in: nothing is sent to the chain.
export const signMandate = (button) =>
  talk("Asking for the limits that follow from the job…", async () => {
    const { typed_data: typed, ...told } = await post("typed-data/mandate", { job: button.dataset.mandate });
    const { domain, types, message } = typed;
    if (domain.chainId !== chainId()) throw new Error("The mandate is for another chain. Nothing was signed.");
    if (!(await asked(mandateWords(typed), told))) return "";
    const { EIP712Domain, ...own } = types;
    const signer = await ownSigner();
    await post("mandates", { mandate: message, signature: await signer.signTypedData(domain, own, message) });
    document.body.dispatchEvent(new Event("changed-mandate"));
    return "Signed and handed in. The dispatcher awards the best bid within these limits.";
  });
