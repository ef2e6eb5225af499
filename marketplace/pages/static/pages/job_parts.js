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

// Another design, or the parts of an archive, take a card's place with what it said.
export async function exchange(card, design) {
  const seen = looked() === designOf(card);
  const made = await cards([design]);
  const values = [...fields(card), card.querySelector("[name=copies]")].map((field) => field.value);
  for (const each of made) {
    [...fields(each), each.querySelector("[name=copies]")].forEach((field, at) => { field.value = values[at]; });
  }
  card.replaceWith(...made);
  begin(made);
  if (seen) lookAt(made[0]);
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
