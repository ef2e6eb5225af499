// Send a model in parts that outlive a broken line and a reload (tus 1.0); the design it became.
import "../vendor/tus-js-client/tus.min.js";
import { csrf } from "./api.js";

const { Upload, defaultOptions } = window.tus;
// Some proxies keep a request back until it is whole: no more than this is then sent twice.
const PART_BYTES = 8 * 1024 * 1024;
const SECOND = 1000;
// About ten minutes without a byte; each byte that arrives starts them anew.
const WAITS = [1, 2, 4, 8, 15, ...Array(20).fill(30)].map((seconds) => seconds * SECOND);

const statusOf = (error) => error.originalResponse?.getStatus() ?? 0;
const goesAway = (status) => status === 0 || status === 409 || status === 423 || status >= 500;

function wordsOf(error) {
  try {
    return JSON.parse(error.originalResponse.getBody()).detail;
  } catch {
    const status = statusOf(error);
    return status ? `The site answered ${status}. Try again.` : "The connection is lost.";
  }
}

// The same file of the same person, meant in the same unit, goes on where it stopped.
const fingerprint = (unit) => (file) =>
  Promise.resolve(["infill", document.body.dataset.address, unit, file.name, file.size, file.lastModified].join("-"));

// Files of these names tell no unit; others do, and are read in their own.
export const unitFor = (file, choice) => (/\.(stl|obj|ply)$/i.test(file.name) ? choice.value : "");

// Resolves with the id of the design. `onProgress` is told a share between 0 and 1, `onTrouble` why it waits, and
// `onStart` gets what can be done meanwhile: { pause, resume, cancel }. Rejects with an Error in words.
export function send(file, { unit = "", onProgress = () => {}, onTrouble = () => {}, onStart = () => {} } = {}) {
  return new Promise((done, failed) => {
    const upload = new Upload(file, {
      endpoint: "/api/v1/uploads",
      headers: csrf(),
      metadata: unit ? { filename: file.name, unit } : { filename: file.name },
      fingerprint: fingerprint(unit),
      chunkSize: PART_BYTES,
      retryDelays: WAITS,
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => onProgress(total ? sent / total : 1),
      onShouldRetry: (error) => {
        if (!goesAway(statusOf(error))) return false;
        onTrouble(wordsOf(error));
        return true;
      },
      onSuccess: ({ lastResponse }) => done(lastResponse.getHeader("Infill-Design")),
      onError: (error) => failed(new Error(wordsOf(error))),
    });
    onStart({
      pause: () => upload.abort(),
      resume: () => upload.start(),
      cancel: () => upload.abort(true).finally(() => failed(new Error("Cancelled."))),
    });
    upload.findPreviousUploads().then(([previous]) => {
      if (previous) upload.resumeFromPreviousUpload(previous);
      upload.start();
    }, failed);
  });
}

// What was begun in this browser and is not whole: [{ name, share, forget }].
export async function stopped() {
  const kept = await defaultOptions.urlStorage.findAllUploads();
  const found = await Promise.all(kept.map(standing));
  return found.filter(Boolean);
}

async function standing({ uploadUrl, metadata, size, urlStorageKey }) {
  const headers = { "Tus-Resumable": "1.0.0" };
  const answer = await fetch(uploadUrl, { method: "HEAD", headers });
  const forget = () => defaultOptions.urlStorage.removeUpload(urlStorageKey);
  if (!answer.ok || answer.headers.has("Infill-Design")) {
    if (!goesAway(answer.status)) await forget();
    return null;
  }
  const end = async () => {
    await fetch(uploadUrl, { method: "DELETE", headers: { ...headers, ...csrf() } });
    await forget();
  };
  return { name: metadata.filename, share: Number(answer.headers.get("Upload-Offset")) / size, forget: end };
}
