// Who signs: the browser's own wallet, or on the demo's chain one of its well-known keys. No key leaves this page.
import { BrowserProvider, HDNodeWallet, JsonRpcProvider } from "../vendor/ethers/ethers.min.js";

const DEMO_CHAIN = 31337;
// Every local chain starts with these words: they are public, and worth nothing elsewhere.
const DEMO_WORDS = "test test test test test test test test test test test junk";
const DEMO_ACCOUNTS = 10;

const page = () => document.body.dataset;
export const chainId = () => Number(page().chainId);
const isDemo = () => page().rpcUrl !== "" && chainId() === DEMO_CHAIN;

function demoKey(index) {
  return HDNodeWallet.fromPhrase(DEMO_WORDS, "", `m/44'/60'/0'/0/${index}`);
}

async function demoSigner(index) {
  const node = new JsonRpcProvider(page().rpcUrl, DEMO_CHAIN, { staticNetwork: true, pollingInterval: 500 });
  if (Number(await node.send("eth_chainId", [])) !== DEMO_CHAIN) throw new Error("The demo wallet signs for the demo's chain alone.");
  return demoKey(index).connect(node);
}

async function injectedSigner() {
  if (!window.ethereum) throw new Error("This browser has no wallet. Install one, such as MetaMask or Rabby, and reload.");
  const wallet = new BrowserProvider(window.ethereum);
  const wanted = `0x${chainId().toString(16)}`;
  await wallet.send("eth_requestAccounts", []);
  if (Number(await wallet.send("eth_chainId", [])) !== chainId()) {
    await wallet.send("wallet_switchEthereumChain", [{ chainId: wanted }]);
  }
  return new BrowserProvider(window.ethereum).getSigner();
}

export function signerFor(choice) {
  if (choice === "injected") return injectedSigner();
  if (!isDemo()) throw new Error("There is no demo wallet on this site.");
  return demoSigner(Number(choice));
}

// The signer of the person who is signed in.
export async function ownSigner() {
  const address = page().address;
  const known = isDemo() ? [...Array(DEMO_ACCOUNTS).keys()] : [];
  const index = known.find((each) => demoKey(each).address === address);
  const signer = await signerFor(index ?? "injected");
  const has = await signer.getAddress();
  if (has !== address) throw new Error(`Your wallet is set to ${has}, but you are signed in as ${address}. Switch the account.`);
  return signer;
}
