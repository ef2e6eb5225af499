// The closer look at a model. What is chosen there takes the place of its card: the design in another unit, a
// repaired version; and where a repair is asked for, the look is taken anew.
import { begin, cardOf, cards, cardsOf, exchange, lookAt, looked, together, undoable } from "./job_parts.js";

const look = document.getElementById("look");

async function chosen(design) {
  const card = cardOf(looked());
  if (!card) location.assign(`?design=${design}`);
  else if (design === looked()) lookAt(card);
  else await exchange(card, design).catch(() => location.assign(`?design=${design}`));
}

// The whole file in the place of all parts that were made of it; undone, these are back.
async function asOne(design, apart) {
  const parts = cardsOf(apart);
  if (!parts.length) throw new Error("Its parts are not among the cards.");
  const [whole] = await cards([design]);
  together(parts, whole);
  begin([whole]);
  lookAt(whole);
  undoable("All parts of the file are one again.", () => {
    whole.before(...parts);
    whole.remove();
    lookAt(parts[0]);
  });
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
  const link = event.target.closest("a");
  const design = link && designIn(link.href);
  if (!design) return;
  event.preventDefault();
  if (link.dataset.wholeOf) asOne(design, link.dataset.wholeOf).catch(() => location.assign(link.href));
  else chosen(design);
});
