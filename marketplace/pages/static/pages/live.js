// The live socket, held open and reopened by htmx's ws extension: what changed is fetched anew by htmx,
// telemetry is written in place.
const MISSED = ["job", "bid", "agreement", "evidence", "transaction", "home"];

function announce(kind) {
  document.body.dispatchEvent(new Event(`changed-${kind}`));
}

function write(sample) {
  const panel = document.getElementById("telemetry");
  if (!panel) return;
  panel.hidden = false;
  const degrees = (value) => (value == null ? "–" : `${Math.round(value)} °C`);
  const texts = {
    status: sample.status.charAt(0) + sample.status.slice(1).toLowerCase().replaceAll("_", " "),
    percent: `${Math.round((sample.progress ?? 0) * 100)} %`,
    layer: sample.layer ?? "–",
    nozzle_c: degrees(sample.nozzle_c),
    bed_c: degrees(sample.bed_c),
  };
  for (const [name, text] of Object.entries(texts)) panel.querySelector(`[data-live=${name}]`).textContent = text;
  panel.querySelector("progress").value = sample.progress ?? 0;
  import("./chart.js").then((chart) => chart.add(sample));
}

document.addEventListener("htmx:wsBeforeMessage", (event) => {
  event.preventDefault();
  const message = JSON.parse(event.detail.message);
  if (message.type === "telemetry") write(message);
  if (message.type === "changed") {
    announce(message.kind.split(".")[0]);
    announce("home");
  }
});

// What changed while no socket was open - since the page was made, too - was told to nobody.
document.addEventListener("htmx:wsOpen", () => MISSED.forEach(announce));

// What a reader has opened stays open when its section is fetched anew, and what was filled in stays there.
let unfolded = [];
let typed = [];
const isChanged = (field) => field.value !== (field.defaultValue ?? field.options?.[0]?.value) || field.checked;
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...document.querySelectorAll("details[open][id]")].map((each) => each.id);
  typed = [...document.querySelectorAll("form[data-wallet] [name]")].filter(isChanged);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  for (const { id, value, checked } of typed) {
    const field = document.getElementById(id);
    if (!field || (field.options && ![...field.options].some((each) => each.value === value))) continue;
    [field.value, field.checked] = [value, checked];
  }
});

if (sessionStorage.getItem(`telemetry-${document.getElementById("job")?.dataset.job}`)) {
  import("./chart.js").then((chart) => chart.show());
}
