// The cards of a job's parts: more and fewer copies, remove, the same for all, an archive becomes its parts.
const parts = document.getElementById("parts");
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

const acts = {
  same(card) {
    const values = fields(card).map((field) => field.value);
    for (const other of parts.children) fields(other).forEach((field, at) => { field.value = values[at]; });
  },
  remove(card) {
    const next = card.nextElementSibling ?? card.previousElementSibling;
    card.remove();
    next?.querySelector("button[data-part=remove]").focus();
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

// An archive that has been measured gives way to its parts, with what its card said.
async function split(model) {
  const card = model.closest(".part");
  const design = model.dataset.split;
  delete model.dataset.split;
  const made = await cards([design]);
  const values = [...fields(card), card.querySelector("[name=copies]")].map((field) => field.value);
  for (const each of made) {
    [...fields(each), each.querySelector("[name=copies]")].forEach((field, at) => { field.value = values[at]; });
  }
  card.replaceWith(...made);
  begin(made);
}

function look() {
  for (const model of parts.querySelectorAll("[data-split]")) split(model).catch(() => location.reload());
}

parts.addEventListener("htmx:afterSettle", look);
