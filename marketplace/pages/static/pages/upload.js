// Upload a model with its progress shown, then go on to the job's form.
import { csrf } from "./api.js";

const form = document.getElementById("upload");
const input = document.getElementById("file");
const bar = document.getElementById("upload-progress");
const status = document.getElementById("upload-status");

function tell(text, failed = false) {
  status.textContent = text;
  status.classList.toggle("failed", failed);
}

function answered(request) {
  const body = JSON.parse(request.responseText || "{}");
  if (request.status < 300) location.assign(`${form.dataset.after}?design=${body.id}`);
  else tell(body.detail ?? `The site answered ${request.status}. Try again.`, true);
}

function send(file) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file);
  bar.hidden = false;
  tell(`Uploading ${file.name}…`);
  request.upload.onprogress = (event) => {
    bar.value = event.loaded / event.total;
    if (event.loaded === event.total) tell("Received; looking at it…");
  };
  request.onload = () => answered(request);
  request.onerror = () => tell("The connection was lost. Choose the file again.", true);
  request.open("POST", "/api/v1/designs");
  for (const [name, value] of Object.entries(csrf())) request.setRequestHeader(name, value);
  request.send(body);
}

input.addEventListener("change", () => input.files[0] && send(input.files[0]));
// One may be chosen before this script has come.
if (input.files[0]) send(input.files[0]);
form.addEventListener("submit", (event) => event.preventDefault());
for (const name of ["dragover", "dragleave", "drop"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files[0]) send(event.dataTransfer.files[0]);
  });
}
