// Elements are made here and nowhere else. Text becomes text nodes: no string is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

// Text of strangers: its own direction, so that right-to-left text cannot reorder what is around it.
function said(text, className) {
  return el("bdi", { class: className }, text);
}

/** @returns {any} */
function byId(id) {
  return document.getElementById(id);
}

function counted(number, noun, plural = `${noun}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;
}

function date(seconds) {
  if (!seconds) return "";
  const at = new Date(seconds * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

// Two digits, rounded down as everywhere in the program. `value` is in ten-thousandths.
function digits(value) {
  return value < 0 ? "–" : (Math.floor(value / 100) / 100).toFixed(2);
}

// With all digits, for numbers that are compared.
function allDigits(value) {
  return value < 0 ? "–" : (value / 10000).toFixed(4);
}

function bar(value, className = "") {
  const fill = el("span");
  fill.style.width = `${Math.max(0, value) / 100}%`;
  return el("span", { class: `bar ${className}`, "aria-hidden": "true" }, fill);
}
