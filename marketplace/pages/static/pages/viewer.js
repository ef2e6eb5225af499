// A design's card: its pictures, and on demand the 3D view, whose code is loaded on first use.
// Seen on the blue of a model, in both schemes.
const COLOURS = { bad: "#ff3b30", open: "#ffb400", calm: "#e8eeec" };
const views = new WeakMap();
const hasWebGL = () => Boolean(document.createElement("canvas").getContext("webgl2"));
const supported = hasWebGL();
const numbers = (text) => text.split(" ").map(Number);
const lookOf = (element) => element.closest(".design")?.querySelector(".look");
const tool = (look, name) => look.querySelector(`[data-view="${name}"]`);
const pressed = (button, on) => button?.setAttribute("aria-pressed", String(on));

function say(look, text) { look.querySelector(".said").textContent = text; }

function toolsShown() {
  if (!supported) return;
  for (const button of document.querySelectorAll('[data-view="open"][hidden]')) button.hidden = false;
}

async function opened(look) {
  if (views.has(look)) return views.get(look);
  say(look, "Loading the 3D view…");
  look.querySelector(".viewer").hidden = false;
  look.querySelector(".angles").hidden = true;
  const { View } = await import("./viewer_scene.js");
  const view = new View(look.querySelector(".stage"), look.dataset.name);
  views.set(look, view);
  await view.load(look.dataset.lookAt);
  described(look, view);
  say(look, "Drag to turn, scroll or pinch to zoom, shift and drag to move.");
  return view;
}

function described(look, view) {
  look.dataset.shown = String(Number(look.dataset.shown ?? 0) + 1);
  look.querySelector(".scale").textContent = `Bed of ${view.bed} mm, squares of ${view.square} mm.`;
}

function closed(look) {
  views.get(look)?.close();
  views.delete(look);
  look.querySelector(".viewer").hidden = true;
  look.querySelector(".angles").hidden = false;
  for (const name of ["overhangs", "turn", "other"]) pressed(tool(look, name), false);
  say(look, "");
}

async function withView(look, act) {
  try {
    await act(await opened(look));
  } catch (problem) {
    closed(look);
    say(look, `${problem.message} The pictures show the same.`);
  }
}

function chosen(card, number) {
  for (const one of card.querySelectorAll("[data-mark], .findings li")) {
    one.classList.toggle("chosen", (one.dataset.mark ?? one.dataset.number) === number);
  }
}

function findingShown(button) {
  const card = button.closest(".design"), look = lookOf(button), { finding, tone, low, high } = button.dataset;
  chosen(card, finding);
  if (!supported || !look.dataset.lookAt) {
    look.scrollIntoView({ block: "nearest" });
    return say(look, `Finding ${finding} is marked in the pictures.`);
  }
  return withView(look, (view) => {
    view.mark(numbers(low), numbers(high), COLOURS[tone]);
    look.dataset.marked = finding;
    look.scrollIntoView({ block: "nearest" });
    say(look, `Showing where finding ${finding} is.`);
  });
}

const ACTS = {
  open: () => {},
  home: (view) => { view.unmark(); view.home(); },
  overhangs: (view, button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    pressed(button, on);
    view.shade(on);
  },
  turn: (view, _, look) => {
    const button = tool(look, "turn"), on = button.getAttribute("aria-pressed") !== "true";
    pressed(button, on);
    view.turn(on ? numbers(look.dataset.down) : null);
    say(look, on ? "Shown the better way up." : "Shown as it was drawn.");
  },
  large: (view, _, look) => (document.fullscreenElement ? document.exitFullscreen() : look.querySelector(".viewer").requestFullscreen()),
  compare: async (view, button, look) => {
    const other = tool(look, "other");
    Object.assign(other.dataset, { other: button.dataset.other, words: button.dataset.words });
    other.textContent = `Show the ${button.dataset.words} one`;
    other.hidden = false;
    pressed(other, false);
    await ACTS.other(view, other, look);
    look.scrollIntoView({ block: "nearest" });
  },
  other: async (view, button, look) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    pressed(button, on);
    pressed(tool(look, "turn"), false);
    await view.load(on ? button.dataset.other : look.dataset.lookAt);
    described(look, view);
    say(look, on ? `Shown is the ${button.dataset.words} version.` : "Shown is this version.");
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const look = lookOf(button);
  if (button.dataset.finding) findingShown(button);
  else if (button.dataset.view === "close") closed(look);
  else if (ACTS[button.dataset.view]) {
    if (!supported) say(look, "This browser cannot show 3D; the pictures show all sides.");
    else withView(look, (view) => ACTS[button.dataset.view](view, button, look));
  }
});
document.addEventListener("htmx:afterSettle", toolsShown);
// A card that gives way to another takes its view along.
document.addEventListener("htmx:beforeCleanupElement", (event) => views.get(event.target)?.close());
toolsShown();
