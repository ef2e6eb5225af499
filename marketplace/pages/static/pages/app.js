// On every page: small conveniences, and the wallet, whose code is loaded on first use.
import { post } from "./api.js";

const wallet = () => import("./wallet.js");

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = "Copied";
}

async function postOnly(button) {
  button.disabled = true;
  try {
    await post(button.dataset.post);
    location.reload();
  } catch (problem) {
    button.disabled = false;
    button.insertAdjacentText("afterend", problem.message);
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { signIn, wallet: step, mandate, copy: what, post: path } = button.dataset;
  if (signIn) (await wallet()).signIn(button, signIn);
  else if (step) (await wallet()).takeStep(button);
  else if (mandate) (await wallet()).signMandate(button);
  else if (what) copy(button);
  else if (path) postOnly(button);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.wallet) return;
  event.preventDefault();
  (await wallet()).takeStep(form);
});
