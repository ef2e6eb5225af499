// The cards of a job's parts: more and fewer copies, remove, the same for all, an archive becomes its parts.
const parts = document.getElementById("parts");
const post = document.querySelector("#job-form .end button");
const undo = document.getElementById("undo");
const SHARED = ["material", "colour", "quality", "layer", "infill"];

export function changed() {
  document.body.dispatchEvent(new Event("parts-changed"));
}

export async function cards(designs) {
  const query = designs.map((design) => `design=${encodeURIComponent(design)}`).join("&");
  const answer = await fetch(`${parts.dataset.cards}?${query}`);
  if (!answer.ok) throw new Error(`The site answered ${answer.status}. Try again.`);
  const holder = document.createElement("ol");
  holder.innerHTML = await answer.text();
  return [...holder.children];
}

export function begin(made) {
  for (const card of made) htmx.process(card);
  changed();
}

const fields = (card) => SHARED.map((name) => card.querySelector(`[name=${name}]`));

const nameOf = (card) => card.querySelector("h2").textContent;

// Says what was done, and takes it back when asked.
export function undoable(words, back) {
  undo.querySelector("span").textContent = words;
  undo.querySelector("button").onclick = async () => {
    undo.hidden = true;
    await back();
    changed();
  };
  undo.hidden = false;
}

const acts = {
  same(card) {
    const all = [...parts.children].flatMap(fields);
    const before = all.map((field) => field.value);
    const values = fields(card).map((field) => field.value);
    all.forEach((field, at) => { field.value = values[at % SHARED.length]; });
    undoable(`All parts have the material, colour and quality of ${nameOf(card)}.`, () => {
      all.forEach((field, at) => { field.value = before[at]; });
    });
  },
  remove(card) {
    const next = card.nextElementSibling ?? card.previousElementSibling;
    const after = card.nextElementSibling;
    card.remove();
    if (!next) location.assign(parts.dataset.upload);
    next?.querySelector("button[data-part=remove]").focus();
    undoable(`${nameOf(card)} is not part of the job any more.`, () => parts.insertBefore(card, after?.isConnected ? after : null));
  },
};

parts.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.step) {
    const field = button.parentElement.querySelector("input");
    if (Number(button.dataset.step) > 0) field.stepUp();
    else field.stepDown();
    changed();
  } else if (button?.dataset.part) {
    acts[button.dataset.part](button.closest(".part"));
    changed();
  }
});

const designOf = (card) => card.querySelector("[name=design]").value;
export const lookAt = (card) => card.querySelector("[hx-target='#look']").click();
export const looked = () => document.querySelector("#look .design")?.dataset.design;
export const cardOf = (design) => [...parts.children].find((card) => designOf(card) === design);

const field = (card, name) => card.querySelector(`[name=${name}]`);

// What one card said, said by the card of another design in its place.
function same(card, other) {
  for (const name of [...SHARED, "copies"]) field(other, name).value = field(card, name).value;
}

// A part keeps the copies and the colour that its file gives it, in as many sets as the file was wanted.
function share(card, part) {
  for (const name of SHARED) {
    if (name !== "colour" || field(card, name).value !== "any") field(part, name).value = field(card, name).value;
  }
  const copies = field(part, "copies");
  copies.value = Math.min(copies.max, copies.value * field(card, "copies").value);
}

export const cardsOf = (apart) => [...parts.children].filter((card) => card.dataset.of === apart);

// What a card stands in the place of.
const wholes = new WeakMap();

// Another design takes a card's place with what it said; or the parts of a file do. Parts that were asked for
// become what they were again, if that is wanted.
export async function exchange(card, design) {
  const seen = looked() === designOf(card);
  const made = await cards([design]);
  const split = made.some((each) => designOf(each) !== design);
  const whole = designOf(card) === design ? wholes.get(card) : card;
  for (const each of made) (split ? share : same)(card, each);
  card.replaceWith(...made);
  wholes.set(made[0], whole);
  begin(made);
  if (seen) lookAt(made[0]);
  if (split && whole) {
    undoable(`${nameOf(whole)} is ${made.length} part${made.length > 1 ? "s" : ""} now.`, () => {
      together(made, whole);
      lookAt(whole);
    });
  }
}

// One card in the place of several: those that are there still.
export function together(several, card) {
  const there = several.filter((each) => each.isConnected);
  if (there.length) there[0].before(card);
  else parts.append(card);
  for (const each of there) each.remove();
}

// A reload finds the same models, and none that was refused is posted.
function keep() {
  const designs = [...parts.children].map((card) => `design=${designOf(card)}`);
  history.replaceState(null, "", `?${designs.join("&")}`);
  post.disabled = parts.querySelector("[data-settled=REFUSED]") !== null;
}

document.body.addEventListener("parts-changed", keep);
parts.addEventListener("htmx:afterSettle", () => {
  keep();
  for (const model of parts.querySelectorAll("[data-split]")) {
    const design = model.dataset.split;
    delete model.dataset.split;
    exchange(model.closest(".part"), design).catch(() => location.reload());
  }
});
