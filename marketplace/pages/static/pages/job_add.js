// Upload further models in place: each file becomes a card of the job, an archive one for each of its parts.
import { csrf } from "./api.js";
import { begin, cards } from "./job_parts.js";

const place = document.getElementById("add-model");
const input = document.getElementById("add-file");
const status = document.getElementById("add-status");

async function upload(file) {
  const body = new FormData();
  body.append("file", file);
  const answer = await fetch("/api/v1/designs", { method: "POST", headers: csrf(), body });
  const found = await answer.json();
  if (!answer.ok) throw new Error(`${file.name}: ${found.detail ?? `the site answered ${answer.status}`}`);
  return found.id;
}

async function add(file) {
  const made = await cards([await upload(file)]);
  document.getElementById("parts").append(...made);
  begin(made);
}

async function addAll(files) {
  const failed = [];
  status.classList.remove("failed");
  for (const file of files) {
    status.textContent = `Uploading ${file.name}…`;
    await add(file).catch((error) => failed.push(error.message));
  }
  status.textContent = failed.join(" ");
  status.classList.toggle("failed", failed.length > 0);
  input.value = "";
}

input.addEventListener("change", () => addAll([...input.files]));
for (const name of ["dragover", "dragleave", "drop"]) {
  place.addEventListener(name, (event) => {
    event.preventDefault();
    place.classList.toggle("over", name === "dragover");
    if (name === "drop") addAll([...event.dataTransfer.files]);
  });
}
