// Temperatures and progress of the print, as this tab has seen them; kept while the tab lives.
import uPlot from "../vendor/uplot/uPlot.esm.js";

const KEPT = 900;
const place = document.getElementById("chart");
const key = `telemetry-${document.getElementById("job").dataset.job}`;
const rows = JSON.parse(sessionStorage.getItem(key) ?? "[]");
let plot = null;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const time = (at) => new Date(at * 1000).toLocaleTimeString([], { hour12: false });
const columns = () => [0, 1, 2, 3].map((at) => rows.map((row) => row[at]));

function options() {
  const axis = { stroke: colour("--faint"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: '12px "Inter Variable", sans-serif' };
  const line = (label, stroke, scale, unit) => ({
    label, stroke, scale, width: 2, points: { show: false },
    value: (_, value) => (value == null ? "–" : `${Math.round(value)} ${unit}`),
  });
  return {
    width: place.clientWidth,
    height: 190,
    scales: { c: { range: (_, low, high) => [0, Math.max(60, high + 15)] }, p: { range: [0, 100] } },
    axes: [
      { ...axis, space: 90, incrs: [5, 10, 30, 60, 300, 600, 1800, 3600], values: (_, ticks) => ticks.map(time) },
      { ...axis, scale: "c", size: 56, values: (_, ticks) => ticks.map((tick) => `${tick} °C`) },
      { ...axis, scale: "p", side: 1, size: 52, grid: { show: false }, values: (_, ticks) => ticks.map((tick) => `${tick} %`) },
    ],
    series: [
      { label: "Time", value: (_, at) => (at == null ? "–" : time(at)) },
      line("Nozzle", colour("--bad"), "c", "°C"),
      line("Bed", colour("--open"), "c", "°C"),
      line("Done", colour("--accent"), "p", "%"),
    ],
  };
}

export function show() {
  if (rows.length < 2) return;
  document.getElementById("telemetry").hidden = false;
  if (plot) plot.setData(columns());
  else plot = new uPlot(options(), columns(), place);
}

export function add(sample) {
  const at = sample.observed_at;
  if (rows.length && rows.at(-1)[0] >= at) rows.pop();
  rows.push([at, sample.nozzle_c, sample.bed_c, (sample.progress ?? 0) * 100]);
  if (rows.length > KEPT) rows.shift();
  sessionStorage.setItem(key, JSON.stringify(rows));
  show();
}

addEventListener("resize", () => plot?.setSize({ width: place.clientWidth, height: 190 }));
