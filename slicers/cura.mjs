// Slice with CuraEngine (WebAssembly): node cura.mjs ENGINE_FOLDER JOB_JSON. The job names settings, model and output;
// prints {"print_seconds", "volume_mm3"}. The engine's module is loaded directly: no worker thread, a third of the time.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [engineFolder, jobFile] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, "utf8"));

async function engine(log) {
  const file = join(engineFolder, "src", "CuraEngine.js");
  const source = readFileSync(file, "utf8").replace(/export default CuraEngine;?\s*$/, "return CuraEngine;");
  const load = new Function("require", "__filename", "__dirname", source);
  const make = load(createRequire(file), file, join(engineFolder, "src"));
  return make({ noInitialRun: true, print: () => {}, printErr: (line) => log.push(line) });
}

function settingArguments(settings) {
  return Object.entries(settings).flatMap(([key, value]) => ["-s", `${key}=${value}`]);
}

const log = [];
const cura = await engine(log);
const definitions = { fdmprinter: "fdmprinter", fdmextruder: "fdmextruder", printer: "fdmprinter", "extruder-0": "fdmextruder" };
cura.FS.mkdir("/definitions");
for (const [name, from] of Object.entries(definitions)) {
  const text = readFileSync(join(engineFolder, "src", "definitions", `${from}.def.json`));
  cura.FS.writeFile(`/definitions/${name}.def.json`, text);
}
cura.FS.writeFile("Model.stl", readFileSync(job.model));

let facts = null;
globalThis["cura-wasm-progress-callback"] = () => {};
globalThis["cura-wasm-metadata-callback"] = (flavour, seconds, volume) => {
  facts = { print_seconds: seconds, volume_mm3: volume };
};
const settings = settingArguments(job.settings);
const extruder = settingArguments(job.extruder);
let failure = null;
try {
  cura.callMain(["slice", "-j", "definitions/printer.def.json", ...settings, "-e0", ...extruder, "-o", "Model.gcode", "-l", "Model.stl"]);
} catch (error) {
  failure = error;
}
if (failure || !facts || !cura.FS.analyzePath("Model.gcode").exists) {
  console.error(failure ?? "", log.filter((line) => /ERROR/i.test(line)).slice(-5).join("\n"));
  process.exit(1);
}
writeFileSync(job.gcode, cura.FS.readFile("Model.gcode"));
console.log(JSON.stringify(facts));
