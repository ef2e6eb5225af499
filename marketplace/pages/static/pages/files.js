// What is chosen at an input or dropped at its place goes to `take`; so does what was chosen before this script had come.
export function filesTaken(place, input, take) {
  input.addEventListener("change", () => take([...input.files]));
  for (const name of ["dragover", "dragleave", "drop"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.toggle("over", name === "dragover");
      if (name === "drop") take([...event.dataTransfer.files]);
    });
  }
  if (input.files.length) take([...input.files]);
}
