// Upload further models in place: each file becomes a card of the job, an archive one for each of its parts.
import { filesTaken } from "./files.js";
import { begin, cards } from "./job_parts.js";
import { send, unitFor } from "./send.js";

const place = document.getElementById("add-model");
const input = document.getElementById("add-file");
const unit = document.getElementById("add-unit");
const status = document.getElementById("add-status");

async function add(file) {
  const design = await send(file, {
    unit: unitFor(file, unit),
    onProgress: (share) => { status.textContent = `Uploading ${file.name}, ${Math.floor(share * 100)} %`; },
    onTrouble: (reason) => { status.textContent = `${file.name}: ${reason} Going on by itself as soon as it can.`; },
  });
  const made = await cards([design]);
  document.getElementById("parts").append(...made);
  begin(made);
}

async function addAll(files) {
  const failed = [];
  status.classList.remove("failed");
  for (const file of files) {
    status.textContent = `Uploading ${file.name}…`;
    await add(file).catch((error) => failed.push(`${file.name}: ${error.message}`));
  }
  status.textContent = failed.join(" ");
  status.classList.toggle("failed", failed.length > 0);
  input.value = "";
}

filesTaken(place, input, addAll);
