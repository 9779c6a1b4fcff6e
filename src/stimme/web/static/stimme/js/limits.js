// Counts down what is left of a text's limit while one types. The hint itself is in the page.
for (const area of document.querySelectorAll("textarea[data-limit]")) {
  const output = document.querySelector(`output[for="${area.id}"]`);
  const count = () => {
    output.value = `${[...area.value].length} / ${area.dataset.limit}`;
  };
  area.addEventListener("input", count);
  count();
}
