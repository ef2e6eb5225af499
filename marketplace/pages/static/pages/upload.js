// Upload models one after the other, each with its progress; a single one leads on to the job's form.
import { filesTaken } from "./files.js";
import { send, stopped, unitFor } from "./send.js";

const form = document.getElementById("upload");
const input = document.getElementById("file");
const unit = document.getElementById("unit");
const rows = document.getElementById("uploads");
const earlier = document.getElementById("stopped");
const template = document.getElementById("upload-row");
const waiting = [];
let busy = false;
let many = false;

const percent = (share) => `${Math.floor(share * 100)} %`;
const jobOf = (design) => `${form.dataset.after}?design=${design}`;

// The row of one file: what it says, and what can be clicked.
function rowOf(file) {
  const row = template.content.firstElementChild.cloneNode(true);
  const part = (name) => row.querySelector(`[data-part=${name}]`);
  const [bar, status, pause, cancel] = ["bar", "status", "pause", "cancel"].map(part);
  part("name").textContent = file.name;
  bar.setAttribute("aria-label", `Upload of ${file.name}`);
  rows.append(row);
  return {
    tell(text, failed = false) {
      status.textContent = text;
      status.classList.toggle("failed", failed);
    },
    progress: (share) => (bar.value = share),
    get paused() {
      return pause.textContent !== "Pause";
    },
    controls(upload) {
      pause.hidden = cancel.hidden = false;
      pause.onclick = () => {
        const wasPaused = this.paused;
        pause.textContent = wasPaused ? "Pause" : "Go on";
        if (wasPaused) upload.resume();
        else upload.pause();
        this.tell(wasPaused ? "Going on…" : `Paused at ${percent(bar.value)}.`);
      };
      cancel.onclick = () => upload.cancel();
    },
    end(link) {
      pause.hidden = cancel.hidden = bar.hidden = true;
      if (!link) return;
      const after = part("after");
      after.href = link;
      after.hidden = false;
    },
  };
}

async function upload(file, row, unit) {
  row.tell("Uploading…");
  try {
    const design = await send(file, {
      unit,
      onStart: (controls) => row.controls(controls),
      onProgress: (share) => {
        row.progress(share);
        if (!row.paused) row.tell(share < 1 ? `Uploading, ${percent(share)}` : "Received; looking at it…");
      },
      onTrouble: (reason) => row.tell(`${reason} Going on by itself as soon as it can.`),
    });
    row.tell("Uploaded.");
    row.end(jobOf(design));
    if (!many) location.assign(jobOf(design));
  } catch (error) {
    row.tell(error.message, true);
    row.end();
  }
}

async function work() {
  if (busy) return;
  busy = true;
  while (waiting.length) await upload(...waiting.shift());
  busy = false;
}

function take(files) {
  many ||= busy || files.length > 1;
  for (const file of files) {
    const row = rowOf(file);
    row.tell("Waits for its turn.");
    waiting.push([file, row, unitFor(file, unit)]);
  }
  work();
}

async function tellStopped() {
  for (const { name, share, forget } of await stopped()) {
    const line = document.createElement("p");
    const button = document.createElement("button");
    line.className = "notice";
    line.append(`${name} stopped at ${percent(share)}. Choose it again and it goes on from there. `);
    button.type = "button";
    button.className = "quiet small";
    button.textContent = "Forget it";
    button.onclick = () => forget().then(() => line.remove());
    line.append(button);
    earlier.append(line);
  }
}

form.addEventListener("submit", (event) => event.preventDefault());
if (!input.files.length) tellStopped();
filesTaken(form, input, take);
input.addEventListener("change", () => {
  earlier.replaceChildren();
  input.value = "";
});
