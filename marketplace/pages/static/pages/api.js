// The REST API with the browser's session. A refusal is thrown as an Error with its detail as message.
const token = () => document.querySelector('meta[name="csrf-token"]').content;

export const csrf = () => ({ "X-CSRFToken": token() });

export const get = (path) => call(path, {});

export function post(path, body = {}) {
  const headers = { "Content-Type": "application/json", ...csrf() };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function call(path, options) {
  const answer = await fetch(`/api/v1/${path}`, options);
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.detail ?? `The site answered ${answer.status}. Try again.`);
  return found;
}
