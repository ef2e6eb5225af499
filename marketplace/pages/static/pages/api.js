// The REST API with the browser's session. A refusal is thrown as an Error with its detail as message.
const token = () => document.querySelector('meta[name="csrf-token"]').content;

export const csrf = () => ({ "X-CSRFToken": token() });

export async function post(path, body = {}) {
  const answer = await fetch(`/api/v1/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...csrf() },
    body: JSON.stringify(body),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.detail ?? `The site answered ${answer.status}. Try again.`);
  return found;
}
