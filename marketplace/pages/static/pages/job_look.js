// The closer look at a model. What is chosen there takes the place of its card: the design in another unit, a
// repaired version; and where a repair is asked for, the look is taken anew.
import { cardOf, exchange, lookAt, looked } from "./job_parts.js";

const look = document.getElementById("look");

async function chosen(design) {
  const card = cardOf(looked());
  if (!card) location.assign(`?design=${design}`);
  else if (design === looked()) lookAt(card);
  else await exchange(card, design).catch(() => location.assign(`?design=${design}`));
}

const designIn = (address) => new URL(address, location.href).searchParams.get("design");

look.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  const design = designIn(answer.url);
  if (answer.ok && design) await chosen(design);
  else form.submit();
});

look.addEventListener("click", (event) => {
  const design = event.target.closest("a") && designIn(event.target.closest("a").href);
  if (!design) return;
  event.preventDefault();
  chosen(design);
});
