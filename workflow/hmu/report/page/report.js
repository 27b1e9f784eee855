"use strict";
// What all parts of the page share: its data, which come as scripts (browsers refuse to fetch files
// from the disk), and elements that are made of text alone.

const report = (() => {
  const told = JSON.parse(document.getElementById("told").textContent);
  const parts = new Map();

  // The part of the data with this name, loaded when it is first asked for: a promise.
  function need(name) {
    if (!parts.has(name)) {
      const part = {};
      part.promise = new Promise((resolve, reject) => Object.assign(part, { resolve, reject }));
      parts.set(name, part);
      const script = document.createElement("script");
      script.src = `data/${name}.js`;
      script.onerror = () => part.reject(new Error(`data/${name}.js is missing`));
      document.head.append(script);
    }
    return parts.get(name).promise;
  }

  // JSON, of base64 of gzip: a promise.
  async function unpack(packed) {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  // Called by the scripts in data/.
  function receive(name, packed) {
    const { resolve, reject } = parts.get(name);
    unpack(packed).then(resolve, reject);
  }

  // An element with properties and children; texts stay texts.
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in element && name !== "list") element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  // A path that may be broken behind any of its slashes.
  function path(text) {
    const parts = text.split(/(?<=\/)/);
    return make("span", { className: "path" },
      ...parts.flatMap((part, number) => (number ? [document.createElement("wbr"), part] : [part])));
  }

  const places = [];

  // Go where the address says: "#cell/..." and "#motion/..." are places that parts of the page know.
  function at(kind, go) {
    places.push([kind, go]);
  }

  // The parts of the address, of which anybody may have typed what is none.
  function address() {
    try {
      return decodeURIComponent(location.hash.slice(1)).split("/");
    } catch {
      return [];
    }
  }

  function visit() {
    const [kind, ...rest] = address();
    for (const [known, go] of places) if (known === kind && rest.length) go(rest);
  }

  // On paper nothing can be opened, and all of it is in the colours of the light page.
  let closed = [];
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("printing");
    closed = [...document.querySelectorAll("main details:not([open], .compare, .columns, .models)")];
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    for (const each of closed) each.open = false;
  });

  addEventListener("hashchange", visit);
  addEventListener("load", visit);
  return { told, need, receive, make, path, at };
})();
