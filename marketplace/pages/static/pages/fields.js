// What a step is asked with: a button's data, or a form's fields as the API takes them. Empty ones are left out.
import { parseEther } from "../vendor/ethers/ethers.min.js";

const READ = {
  text: (text) => text,
  number: Number,
  ether: (text) => parseEther(text).toString(),
  time: (text) => new Date(`${text}Z`).toISOString(),
  json: (text) => JSON.parse(text),
};

function valueOf(field) {
  try {
    return READ[field.dataset.as ?? "text"](field.value.trim());
  } catch {
    throw new Error(`${field.labels[0].textContent.trim()}: this cannot be read. ${field.title}`);
  }
}

function fieldsOf(source) {
  const fields = [...(source.elements ?? [])].filter((each) => each.name);
  const told = fields.filter((each) => (each.type === "checkbox" ? each.checked : each.value.trim() !== ""));
  return Object.fromEntries(told.map((each) => [each.name, each.type === "checkbox" || valueOf(each)]));
}

// A {name} in the path is a field's value, which then is no part of the body.
export function requestOf(source) {
  const body = { ...JSON.parse(source.dataset.body ?? "{}"), ...fieldsOf(source) };
  const path = source.dataset.path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = body[name];
    delete body[name];
    return encodeURIComponent(value);
  });
  return { step: source.dataset.wallet, path, body };
}
