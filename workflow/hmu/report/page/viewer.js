"use strict";
// The player: one prompt, all models side by side, one clock.

(() => {
  const { told, need, make } = report;
  const viewer = document.getElementById("viewer");
  if (!viewer) return;
  const part = (name) => document.getElementById(name);
  const [stage, scrub, search, scenes, kinds, presence] =
    ["stage", "scrub", "search", "scene", "kind", "presence"].map(part);
  const MODELS_AT_FIRST = 8, TURN = 0.1;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const view = { ...skeleton.VIEW, follow: true };
  let scene = null, entry = 0, panels = [], chosen = new Set();
  let seconds = 0, length = 0, playing = false, before = null, inSight = true;

  function ink() {
    const style = getComputedStyle(viewer);
    const colour = (name) => style.getPropertyValue(name).trim();
    return {
      grid: colour("--grid"), way: colour("--way"), shade: colour("--shade"), trunk: colour("--trunk"),
      limbs: ["--right", "--left", "--trunk", "--right", "--left"].map(colour),
      token: colour("--token"), marked: colour("--mark"), jerk: colour("--soft"), cursor: colour("--ink"),
    };
  }
  let inks = ink();
  const repaint = () => { inks = ink(); paint(); };
  dark.addEventListener("change", repaint);
  addEventListener("beforeprint", repaint);
  addEventListener("afterprint", repaint);

  // --- Time

  function paint() {
    for (const { canvas, line, moving } of panels) {
      skeleton.draw(canvas, moving, seconds, view, inks);
      skeleton.timeline(line, moving, seconds, length, panels.most, inks);
    }
    scrub.value = Math.round(seconds * skeleton.fps);
    const text = `${Math.min(seconds, (length - 1) / skeleton.fps).toFixed(2)} s`;
    part("clock").textContent = text;
    scrub.setAttribute("aria-valuetext", text);
  }

  function tick(now) {
    if (!playing) return;
    requestAnimationFrame(tick);
    if (!panels.length) return;
    const passed = before === null ? 0 : (now - before) / 1000;
    before = now;
    if (inSight) {
      seconds += passed * Number(part("speed").value);
      const end = (length - 1) / skeleton.fps;
      if (seconds > end + 0.4) seconds = 0; // a moment on the last frame
      paint();
    }
  }

  function play(on) {
    if (on === playing) return;
    playing = on;
    before = null;
    const button = part("play");
    button.classList.toggle("on", on);
    button.setAttribute("aria-label", on ? "Stop" : "Play");
    if (on) requestAnimationFrame(tick);
  }

  function seek(frame) {
    seconds = Math.min(Math.max(frame, 0), length - 1) / skeleton.fps;
    paint();
  }

  function step(frames) {
    play(false);
    seek(Math.round(Math.min(seconds * skeleton.fps, length - 1)) + frames);
  }

  // --- The eye

  function turn(yaw, pitch) {
    view.yaw += yaw;
    view.pitch = Math.min(Math.max(view.pitch + pitch, -0.3), 1.5);
    paint();
  }

  function zoom(factor) {
    view.zoom = Math.min(Math.max(view.zoom * factor, 0.3), 5);
    paint();
  }

  function reset() {
    Object.assign(view, skeleton.VIEW);
    paint();
  }

  // One finger or the mouse turns, two fingers zoom; up and down with a finger scrolls the page.
  function touched(canvas) {
    const fingers = new Map();
    const apart = () => {
      const [one, other] = [...fingers.values()];
      return Math.hypot(one.x - other.x, one.y - other.y);
    };
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    };
    canvas.onpointermove = (event) => {
      const last = fingers.get(event.pointerId);
      if (!last) return;
      const was = fingers.size === 2 ? apart() : 0;
      const now = { x: event.clientX, y: event.clientY };
      fingers.set(event.pointerId, now);
      if (fingers.size === 1) turn((last.x - now.x) / -120, (now.y - last.y) / 200);
      else if (fingers.size === 2 && was > 0) zoom(apart() / was);
    };
    canvas.onpointerup = canvas.onpointercancel = (event) => fingers.delete(event.pointerId);
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== canvas) return; // the page scrolls
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400));
    }, { passive: false });
  }

  // --- Panels

  function sized(canvas) {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  }

  function resize() {
    for (const { canvas, line } of panels) [canvas, line].forEach(sized);
    paint();
  }

  function words(role, moving) {
    const hit = moving.replaced?.length;
    const seen = { true: "concept found", false: "concept not found" }[moving.presence];
    return [
      { elsewhere: "made elsewhere", control: "a control, broken on purpose" }[role] ?? "",
      seen ?? "",
      hit ? `${hit} of ${moving.tokens} tokens replaced` : "",
      `peak jerk ${Math.max(...moving.jerk)} m/s³`,
    ].filter(Boolean).join(" · ");
  }

  function panel(model, packed) {
    const moving = skeleton.motion(packed);
    const canvas = make("canvas", { className: "body", tabIndex: 0, role: "img" });
    canvas.setAttribute("aria-label", `${model.label}: ${words(model.role, moving)}`);
    const line = make("canvas", { className: "line" });
    line.setAttribute("aria-hidden", "true");
    line.onpointerdown = line.onpointermove = (event) => {
      if (event.type === "pointerdown") line.setPointerCapture(event.pointerId);
      if (!line.hasPointerCapture(event.pointerId)) return;
      play(false);
      seek(Math.round((event.offsetX / line.clientWidth) * (length - 1)));
    };
    touched(canvas);
    const dot = make("i", { className: "dot" });
    if (model.colour) dot.style.background = model.colour;
    const figure = make("figure", { className: `panel ${model.role}` },
      make("figcaption", {}, dot, make("b", {}, model.label), make("small", {}, words(model.role, moving))),
      canvas, line);
    figure.dataset.model = model.name;
    return { figure, canvas, line, moving };
  }

  function quoted(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
  }

  function command(shown) {
    const [dataset, backbone, concept] = scene.address;
    const method = scene.models.find((model) => model.role === "method" && model.name in shown.motions);
    const original = `results/models/${dataset}/backbones/${backbone}/all`;
    const models = method
      ? `--compare ${original} results/checkpoints/${dataset}/${backbone}/${concept}/${method.name}`
      : `--checkpoint ${original}`;
    return `hmu generate ${models} --prompt ${quoted(shown.caption)}`;
  }

  // Which models an entry shows: those that are ticked, and all of one that stands for a value.
  function shownOf(shown, number) {
    const there = scene.models.filter((model) => model.name in shown.motions);
    return number < scene.prompts ? there.filter((model) => chosen.has(model.name)) : there;
  }

  function show(number) {
    entry = number;
    const shown = scene.shown[number];
    const models = shownOf(shown, number);
    panels = models.map((model) => panel(model, shown.motions[model.name]));
    length = Math.max(2, ...panels.map(({ moving }) => moving.frames));
    panels.most = Math.max(1, ...panels.flatMap(({ moving }) => moving.jerk));
    stage.replaceChildren(...panels.map(({ figure }) => figure));
    scrub.max = length - 1;
    part("caption").textContent = `“${shown.caption}”`;
    part("command").textContent = command(shown);
    // Of motions that were all made elsewhere there is no model to ask, and none takes controls in a prompt.
    const made = scene.models.some(({ role }) => !["real", "elsewhere"].includes(role));
    part("command").parentElement.hidden = !(made && shown.sayable);
    part("models").parentElement.hidden = number >= scene.prompts;
    for (const button of part("prompts").querySelectorAll("button"))
      button.setAttribute("aria-current", String(Number(button.value) === number));
    seconds = Math.min(seconds, (length - 1) / skeleton.fps);
    resize();
  }

  // --- What to show

  // What stands for a value: the model, the metric and the end, of each such entry.
  function endsOf(data) {
    return Object.entries(data.ends).flatMap(([model, metrics]) =>
      Object.entries(metrics).flatMap(([metric, found]) =>
        Object.entries(found).map(([end, number]) => ({ model, metric, end, number }))));
  }

  function listed() {
    if (kinds.value === "") return scene.shown.slice(0, scene.prompts)
      .map((shown, number) => ({ number, text: shown.caption, said: "" }));
    const labels = Object.fromEntries(scene.models.map((model) => [model.name, model.label]));
    return endsOf(scene).filter(({ metric }) => metric === kinds.value).map((each) => ({
      number: each.number,
      text: scene.shown[each.number].caption,
      said: `${each.end} of ${labels[each.model] ?? each.model}`,
    }));
  }

  // Whether a motion is as the choice of presence asks for: "found" or "not", and of which model.
  function fits({ number }) {
    if (presence.value === "") return true;
    const [asked, model] = JSON.parse(presence.value);
    return scene.shown[number].motions[model]?.presence === (asked === "found");
  }

  function list() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = listed().filter(fits).filter(({ text, said }) =>
      wanted.every((word) => `${text} ${said}`.toLowerCase().includes(word)));
    part("prompts").replaceChildren(...found.map(({ number, text, said }) => make("li", {},
      make("button", { type: "button", value: number, onclick: () => show(number),
        "aria-current": String(number === entry) },
        text, said ? make("small", {}, said) : null))));
    const none = presence.value === "" ? "No prompt has these words." : "No prompt is so.";
    if (!found.length) part("prompts").append(make("li", { className: "none" }, none));
    return found;
  }

  // The models of which the detector was asked: where it finds the concept, and where it does not.
  function offerPresence() {
    const known = scene.models.filter(({ name }) =>
      scene.shown.some(({ motions }) => motions[name]?.presence !== undefined));
    const group = (label, asked) => make("optgroup", { label },
      ...known.map(({ name, label: text }) => new Option(text, JSON.stringify([asked, name]))));
    presence.replaceChildren(new Option("found or not", ""),
      group("Concept found in", "found"), group("Concept not found in", "not"));
    presence.parentElement.hidden = !known.length;
    part("detector").textContent = scene.detector ?? "";
    part("detector").hidden = !scene.detector;
  }

  function offerModels() {
    chosen = new Set(scene.models.slice(0, MODELS_AT_FIRST).map((model) => model.name));
    const boxes = scene.models.map((model) => {
      const box = make("input", { type: "checkbox", value: model.name, checked: chosen.has(model.name) });
      box.onchange = () => {
        chosen[box.checked ? "add" : "delete"](model.name);
        show(entry);
      };
      return make("label", { title: model.name }, box, " ", model.label);
    });
    part("models").replaceChildren(...boxes);
  }

  function tickAll(on) {
    chosen = new Set(on ? scene.models.map((model) => model.name) : []);
    for (const box of part("models").querySelectorAll("input")) box.checked = on;
    show(entry);
  }

  async function enter(number, wanted = 0) {
    const loaded = await need(`motions/${number}`);
    if (scene !== loaded) {
      scene = loaded;
      scenes.value = number;
      const metrics = [...new Set(endsOf(scene).map(({ metric }) => metric))];
      kinds.replaceChildren(new Option("all models", ""),
        ...metrics.map((metric) => new Option(`extremes of ${metric}`, metric)));
      search.value = "";
      offerPresence();
      offerModels();
    }
    if (!scene.shown[wanted]) wanted = 0;
    const end = endsOf(scene).find((each) => each.number === wanted);
    kinds.value = wanted < scene.prompts || !end ? "" : end.metric;
    if (!fits({ number: wanted })) presence.value = "";
    entry = wanted;
    list();
    show(wanted);
  }

  told.scenes.forEach((name, number) => scenes.add(new Option(name, number)));
  scenes.onchange = () => enter(Number(scenes.value));
  kinds.onchange = () => {
    search.value = "";
    const [first] = list();
    if (first) show(first.number);
  };
  presence.onchange = () => {
    const [first] = list();
    if (first) show(first.number);
  };
  search.oninput = list;
  part("all").onclick = () => tickAll(true);
  part("none").onclick = () => tickAll(false);
  part("play").onclick = () => play(!playing);
  part("back").onclick = () => step(-1);
  part("on").onclick = () => step(1);
  part("reset").onclick = reset;
  part("follow").onchange = (event) => { view.follow = event.target.checked; paint(); };
  scrub.onpointerdown = () => step(0); // its thumb stands still under the hand, wherever it was
  scrub.oninput = () => { play(false); seek(Number(scrub.value)); };

  const KEYS = {
    " ": () => play(!playing),
    ArrowLeft: () => step(-1), ArrowRight: () => step(1),
    Home: () => step(-length), End: () => step(length),
    "+": () => zoom(1.15), "=": () => zoom(1.15), "-": () => zoom(1 / 1.15), 0: reset,
  };
  const TURNS = {
    ArrowLeft: [-TURN, 0], ArrowRight: [TURN, 0], ArrowUp: [0, TURN], ArrowDown: [0, -TURN],
  };
  part("screen").addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, button, summary") || event.ctrlKey || event.metaKey) return;
    const turned = event.shiftKey && TURNS[event.key];
    if (turned) turn(...turned);
    else if (KEYS[event.key]) KEYS[event.key]();
    else return;
    event.preventDefault();
  });

  new ResizeObserver(() => { if (panels.length) resize(); }).observe(stage);
  new IntersectionObserver(([seen]) => { inSight = seen.isIntersecting; }).observe(stage);
  report.at("motion", async ([number, wanted]) => {
    const place = Number(number);
    await enter(told.scenes[place] === undefined ? 0 : place, Number(wanted));
    part("motions").scrollIntoView({ behavior: still.matches ? "auto" : "smooth" });
  });

  viewer.hidden = false;
  if (!location.hash.startsWith("#motion/")) enter(0);
  play(!still.matches);
})();
