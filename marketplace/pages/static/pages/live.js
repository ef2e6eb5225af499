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

// What a reader has opened stays open when its section is fetched anew.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...document.querySelectorAll("details[open][id]")].map((each) => each.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
});

if (sessionStorage.getItem(`telemetry-${document.getElementById("job")?.dataset.job}`)) {
  import("./chart.js").then((chart) => chart.show());
}
