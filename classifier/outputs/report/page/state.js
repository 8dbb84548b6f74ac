// What is shown is what the address says after "#", so that a link shows another the same.

/** @type {Record<string, string>} */
const DEFAULTS = {
  view: "overview",
  article: "",
  category: "",
  q: "",
  c: "",
  kind: "",
  level: "",
  min: "",
  max: "",
  show: "",
  differs: "",
  scorer: "",
  sort: "path",
  columns: "given",
};
const FILTERS = ["q", "c", "kind", "level", "min", "max", "show", "differs"];
const CLEARED = Object.freeze(Object.fromEntries(FILTERS.map((name) => [name, ""])));

function stateOf(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS)) if (given.has(name)) state[name] = given.get(name);
  return state;
}

function hashOf(state) {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(state))
    if (name in DEFAULTS && value !== DEFAULTS[name]) told.set(name, value);
  return `#${told}`;
}

let state = stateOf(location.hash);
let redraw = () => {};

// A step that "back" leads over: another view, article or category.
function go(changes) {
  location.hash = hashOf({ ...state, ...changes });
  redraw(); // at once, so that the next key finds the list where this one has left it
}

// A step that it does not: what is typed into a filter, say.
function adjust(changes) {
  location.replace(hashOf({ ...state, ...changes }));
  redraw();
}

// `href` is made of a hash and of nothing else, whatever is in the data.
function linkTo(changes, attributes, ...children) {
  return el("a", { ...attributes, href: hashOf({ ...state, ...changes }) }, ...children);
}
