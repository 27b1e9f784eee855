"use strict";
// Tables: sorted by a column, with the columns that are wanted, and two rows beside each other.

(() => {
  const { make, need } = report;
  const ORDERS = ["descending", "ascending", "none"];

  function sorting(table) {
    const bodies = [...table.tBodies].map((body) => [body, [...body.querySelectorAll("tr[data-row]")]]);
    const heads = [...table.querySelectorAll("thead th[data-column]")];
    for (const head of heads) {
      const text = head.querySelector(".sort");
      const button = make("button", { type: "button", className: "sort", title: "Sort" }, text.textContent);
      text.replaceWith(button);
      button.onclick = () => {
        const before = head.getAttribute("aria-sort") ?? "none";
        const order = ORDERS[(ORDERS.indexOf(before) + 1) % ORDERS.length];
        for (const each of heads) each.removeAttribute("aria-sort");
        if (order !== "none") head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const value = (row) => {
          const cell = row.querySelector(`td[data-column="${head.dataset.column}"]`);
          return "value" in cell.dataset ? Number(cell.dataset.value) : NaN;
        };
        for (const [body, rows] of bodies) {
          const sorted = [...rows];
          if (order !== "none")
            sorted.sort((one, other) => {
              const [a, b] = [value(one), value(other)];
              return Number.isNaN(a) - Number.isNaN(b) || sign * (a - b) || 0;
            });
          body.append(...sorted);
        }
      };
    }
  }

  function choosing(article, table) {
    const groups = [...table.querySelectorAll("thead th[data-width]")];
    const first = [];
    groups.reduce((place, group) => (first.push(place), place + Number(group.dataset.width)), 0);
    for (const box of article.querySelectorAll("input[data-column]"))
      box.onchange = () => {
        for (const cell of table.querySelectorAll(`[data-column="${box.dataset.column}"]`))
          cell.hidden = !box.checked;
        groups.forEach((group, number) => {
          const own = [...table.querySelectorAll("thead th[data-column]")]
            .slice(first[number], first[number] + Number(group.dataset.width));
          const shown = own.filter((head) => !head.hidden).length;
          group.hidden = shown === 0;
          group.colSpan = Math.max(shown, 1);
        });
      };
    const paper = article.querySelector(".paper-switch");
    if (paper) paper.onchange = () => table.classList.toggle("without-paper", !paper.checked);
  }

  function comparing(section, name) {
    const body = section.querySelector("tbody");
    let started = false;
    section.hidden = false;
    section.ontoggle = async () => {
      if (started || !section.open) return;
      started = true;
      const told = (await need("cells")).differences[name];
      const [one, other] = ["first row", "second row"].map((label) => {
        const list = make("select", { "aria-label": label });
        told.rows.forEach((row, number) => list.add(new Option(row, number)));
        return list;
      });
      [one.value, other.value] = told.shown;
      section.querySelector(".pair").append(one, " and ", other);
      const three = (value) => value.toFixed(3);
      const show = () => {
        const [first, second] = [one.value, other.value].map(Number);
        const [low, high] = [Math.min(first, second), Math.max(first, second)];
        const sign = first === low ? 1 : -1;
        body.replaceChildren(...told.columns.map(({ heading, values, differences }) => {
          const found = differences[`${low} ${high}`];
          let cells = ["–", "–", first === second ? "the same row" : "not measured on the same motions", ""];
          if (found) {
            const [value, half, over, ...tests] = found, both = three(sign * value);
            cells = half === null ? [both, "–", `cannot be said of ${over}`, over]
              : [both, `${three(sign * value - half)} to ${three(sign * value + half)}`,
                 Math.abs(value) > half ? "differ" : "no difference seen", over];
            cells.push(...tests);
          }
          while (cells.length < (told.tested ? 6 : 4)) cells.push("");
          const shown = [values[first] ?? "–", values[second] ?? "–", ...cells];
          return make("tr", {}, make("th", { scope: "row" }, heading), ...shown.map((text) =>
            make("td", { className: text === "differ" ? "differ" : "" }, text)));
        }));
      };
      one.onchange = other.onchange = show;
      show();
    };
  }

  for (const article of document.querySelectorAll("article.table")) {
    const table = article.querySelector("table");
    sorting(table);
    choosing(article, table);
    article.querySelector(".tools").hidden = false;
    const section = article.querySelector(".compare");
    if (section) comparing(section, article.dataset.table);
  }
})();
