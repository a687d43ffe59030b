(() => {
  const root = document.documentElement;
  if (root.classList.contains("book-questions")) return;
  root.classList.add("book-questions");

  // "0.4", "0,4", "−0.4" and "2/5"; NaN for anything else.
  const parse = (text) => {
    const plain = text.trim().replaceAll("−", "-").replaceAll(",", ".");
    const [above, below = "1", ...more] = plain.split("/");
    return plain && above.trim() && below.trim() && !more.length ? above / below : NaN;
  };

  const find = (said, field) => {
    if (field.type === "radio") return said.find((row) => row.dataset.value === field.value);
    const given = parse(field.value);
    const fits = (row) =>
      !row.dataset.value || Math.abs(given - row.dataset.value) <= Number(row.dataset.within) + 1e-9;
    return Number.isFinite(given) ? said.find(fits) : undefined;
  };

  const show = (form, mark, text, kind) => {
    const verdict = form.querySelector(".verdict");
    verdict.textContent = mark ? `${mark} ${text}` : text;
    if (kind) verdict.dataset.kind = kind;
    else delete verdict.dataset.kind;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".book-question");
    if (!form) return;
    event.preventDefault();
    const field = form.querySelector("input:checked, input[type=text]");
    if (!field) return show(form, "", "Choose an answer first.");
    const row = find([...form.querySelectorAll("details li")], field);
    if (!row) return show(form, "", "Write a number, such as 0.5 or 2/5.");
    const text = row.querySelector("span").textContent;
    if (row.dataset.right === "true") show(form, "✓ Right.", text, "right");
    else show(form, "✗ No.", text, "wrong");
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest(".book-question");
    if (form) show(form, "", "");
  });
})();
