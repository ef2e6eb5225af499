// The estimate proposes a budget until one is written.
const budget = document.getElementById("id_budget");
let own = budget.value !== "";

budget.addEventListener("input", () => { own = budget.value !== ""; });

document.addEventListener("htmx:afterSettle", () => {
  const found = document.querySelector("#estimate [data-budget]");
  if (found && !own) budget.value = found.dataset.budget;
});
