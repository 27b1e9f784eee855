"use strict";
// What is behind a value: its repeats, its motions, and the jobs that made it, back to raw files.

(() => {
  const { told, make, need, path } = report;
  const dialog = document.getElementById("cell");
  const body = document.getElementById("cell-body");

  function repeats(cell) {
    if (!cell.values) return null;
    const [low, high] = [Math.min(...cell.values), Math.max(...cell.values)];
    const place = (value) => (high > low ? 4 + (92 * (value - low)) / (high - low) : 50);
    const strip = make("div", { className: "strip", "aria-hidden": "true" },
      ...cell.values.map((value) => {
        const dot = make("i");
        dot.style.left = `${place(value)}%`;
        return dot;
      }));
    const texts = cell.values.map((value) => value.toFixed(3)).join("  ");
    return make("section", {}, make("h4", {}, "In each repeat"), strip,
      make("p", { className: "numbers" }, texts));
  }

  function names(arrow) {
    const plain = { lowest: "Lowest", median: "Median", highest: "Highest" };
    if (arrow === "↓") return { ...plain, lowest: "Best (lowest)", highest: "Worst (highest)" };
    if (arrow === "↑") return { ...plain, lowest: "Worst (lowest)", highest: "Best (highest)" };
    return plain;
  }

  async function motions(cell) {
    if (cell.scene === null) return null;
    const scene = await need(`motions/${cell.scene}`);
    const ends = scene.ends[cell.model]?.[cell.metric];
    if (!ends) return null;
    const labels = names(cell.arrow);
    return make("section", {}, make("h4", {}, "Its motions"),
      make("p", { className: "buttons" }, ...Object.entries(ends).map(([end, number]) =>
        make("a", { className: "button", href: `#motion/${cell.scene}/${number}`,
          onclick: () => dialog.close() }, labels[end]))));
  }

  function settings(value, prefix = "") {
    return Object.entries(value).flatMap(([name, each]) =>
      each !== null && typeof each === "object" && !Array.isArray(each)
        ? settings(each, `${prefix}${name}.`)
        : [`${prefix}${name} = ${JSON.stringify(each)}`]);
  }

  function duration(seconds) {
    return seconds < 60 ? `${seconds.toPrecision(2)} s` : `${(seconds / 60).toFixed(1)} min`;
  }

  // Of the whole processors or GPU while the job ran, also of what ran beside it.
  function energy(read) {
    const whole = { rapl: "whole processors (RAPL)", nvml: "whole GPU (NVML)" };
    const text = (joules) =>
      joules < 1000 ? `${joules.toFixed(1)} J` : `${(joules / 1000).toFixed(1)} kJ`;
    return Object.keys(whole).filter((kind) => kind in read)
      .map((kind) => `${whole[kind]} ${text(read[kind])} · `).join("");
  }

  // A job of the tree; what it read is drawn when it is opened.
  function job(graph, number) {
    const each = graph.jobs[number];
    const [first, ...others] = Object.keys(each.outputs);
    const node = make("details", {}, make("summary", {},
      make("b", {}, each.rule), " ", path(first + (others.length ? ` and ${others.length} more` : ""))));
    node.ontoggle = () => {
      if (node.childElementCount > 1) return;
      const set = settings(each.settings);
      node.append(make("p", { className: "facts" },
        `seed ${each.seed} · code ${each.code}${each.commit ? ` · commit ${each.commit}` : ""} · ` +
        `${each.device} · ${each.machine} · ${duration(each.seconds)} · ` +
        `${energy(each.energy)}${each.started} UTC`));
      if (set.length) node.append(make("details", {}, make("summary", {}, "settings"),
        make("p", { className: "facts" }, set.join("\n"))));
      node.append(make("p", { className: "facts" }, Object.entries(each.outputs)
        .map(([name, hash]) => `${hash}  ${name}`).join("\n")));
      node.append(make("ul", {}, ...each.read.map((read) => make("li", {},
        typeof read === "number" ? job(graph, read)
          : path(`raw · ${graph.raw[read]}  ${read}`)))));
    };
    return node;
  }

  async function lineage(cell) {
    const graph = await need("lineage");
    const number = graph.cells[cell.path];
    const tree = number === undefined ? make("p", {}, "There is no record of this value.")
      : job(graph, number);
    if (number !== undefined) tree.open = true;
    return make("section", {}, make("h4", {}, "What it was made from"), tree);
  }

  function commands(cell) {
    const lines = [
      ["Make it again", `snakemake ${cell.path}${told.options}`],
      ["Trace it", `hmu lineage ${cell.path}`],
      ["Check it", `hmu verify ${cell.path}`],
    ];
    return make("section", {}, make("h4", {}, "Commands"), make("dl", {},
      ...lines.flatMap(([name, line]) => [make("dt", {}, name), make("dd", {}, make("code", {}, line))])));
  }

  let turn = 0;

  async function open(rest) {
    const mine = ++turn;
    const name = rest.join("/");
    const { cells } = await need("cells");
    if (!Object.hasOwn(cells, name) || mine !== turn) return;
    const cell = cells[name];
    const spread = cell.t_interval === null || cell.t_interval === undefined ? ""
      : ` Student's 95% interval is ± ${cell.t_interval.toFixed(3)}.`;
    const count = cell.repeats === null ? "A time of the model alone."
      : `Mean of ${cell.repeats} repeats of ${cell.n} motions.${spread}`;
    const half = cell.interval === null ? "" : ` ±${cell.interval.toFixed(3)}`;
    body.replaceChildren(
      make("h3", { id: "cell-title" }, `${cell.row} · ${cell.column}`),
      make("p", { className: "large" }, cell.text, make("span", { className: "interval" }, half)),
      make("p", {}, count),
      make("p", { className: "path" }, cell.address.filter(Boolean).join(" · ")),
      cell.paper ? make("p", {}, `The paper has ${cell.paper} (${cell.source}).`) : "",
      ...cell.findings.map((finding) => make("p", {}, finding)),
      repeats(cell) ?? "",
    );
    if (!dialog.open) dialog.showModal();
    dialog.dataset.shown = "";
    const later = await Promise.all([motions(cell), lineage(cell)]);
    if (mine !== turn) return;
    body.append(...later.filter(Boolean), commands(cell));
    dialog.dataset.shown = name;
  }

  dialog.addEventListener("close", () => {
    if (location.hash.startsWith("#cell/")) history.replaceState(null, "", "#tables");
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  report.at("cell", open);
})();
