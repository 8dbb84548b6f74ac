// The filters: what is left of the articles, the categories and their pairs.

const SHOWN = [
  ["", "all pairs"],
  ["label", "labels"],
  ["near", "near misses"],
  ["excluded", "excluded"],
  ["verdict", "with a person's verdict"],
  ["unjudged", "not judged"],
  ["none", "articles without a label"],
];

function shownBy(show, report, scorer) {
  switch (show) {
    case "label":
      return (pair) => (scorer.flags[pair] & LABEL) !== 0;
    case "near":
      return (pair) => (scorer.flags[pair] & NEAR) !== 0;
    case "excluded":
      return (pair) => (scorer.flags[pair] & EXCLUDED) !== 0;
    case "verdict":
      return (pair) => report.verdictOf.has(pair);
    case "unjudged":
      return (pair) => scorer.confidence[pair] < 0;
    default:
      return null;
  }
}

// Tests of a pair, each of which must hold.
function pairTests(state, report, scorer) {
  const tests = [];
  const levels = state.level
    ? new Set(state.level.split(",").map((name) => report.levels.indexOf(name)))
    : null;
  const bound = (text) =>
    text.trim() === "" || Number.isNaN(Number(text)) ? null : Math.round(Number(text) * 10000);
  const [least, most] = [bound(state.min), bound(state.max)];
  const shown = shownBy(state.show, report, scorer);
  if (shown) tests.push(shown);
  if (levels) tests.push((pair) => scorer.confidence[pair] >= 0 && levels.has(scorer.level(pair)));
  if (least !== null) tests.push((pair) => scorer.confidence[pair] >= least);
  if (most !== null)
    tests.push((pair) => scorer.confidence[pair] >= 0 && scorer.confidence[pair] <= most);
  if (report.comparisons(scorer).some(([value]) => value === state.differs))
    tests.push((pair) => report.differs(scorer, pair, state.differs));
  return tests;
}

// `rows` are in the order of their paths, which decides between equals.
function sorted(rows, state, report, scorer) {
  const column = report.categoryAt.get(state.sort);
  const falling = (value) => rows.sort((a, b) => value(b) - value(a));
  switch (state.sort) {
    case "queue":
      return rows.sort(
        (a, b) => (report.place.get(a) ?? Infinity) - (report.place.get(b) ?? Infinity) || 0,
      );
    case "title":
      return rows.sort((a, b) => report.titles[a].localeCompare(report.titles[b]));
    case "labels":
      return falling((row) => scorer.labels[row]);
    case "best":
      return falling((row) => scorer.best[row]);
    default:
      return column === undefined
        ? rows
        : falling((row) => scorer.confidence[row * report.width + column]);
  }
}

function filtered(state, report, scorer) {
  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (haystack, needles) => needles.every((needle) => haystack.includes(needle));
  const [wanted, named] = [words(state.q), words(state.c)];
  const columns = report.categories
    .map((_, n) => n)
    .filter(
      (n) =>
        (!state.kind || report.categories[n].kind === state.kind) && has(report.names[n], named),
    );
  const tests = pairTests(state, report, scorer);
  const match = new Uint8Array(report.pairs);
  const perRow = new Int32Array(report.height);
  const perColumn = new Int32Array(report.width);
  const rows = [];
  let pairs = 0;
  for (const row of report.order) {
    if (!has(report.haystack[row], wanted) || (state.show === "none" && scorer.labels[row] > 0))
      continue;
    for (const column of columns) {
      const pair = row * report.width + column;
      if (!tests.every((test) => test(pair))) continue;
      match[pair] = 1;
      perRow[row]++;
      perColumn[column]++;
    }
    pairs += perRow[row];
    if (perRow[row] > 0 || tests.length === 0) rows.push(row);
  }
  if (state.columns === "labels")
    columns.sort((a, b) => scorer.assigned[b] - scorer.assigned[a] || a - b);
  return {
    rows: sorted(rows, state, report, scorer),
    columns: tests.length ? columns.filter((column) => perColumn[column] > 0) : columns,
    match,
    perRow,
    perColumn,
    pairs,
    everything: tests.length === 0,
  };
}

// --- controls --------------------------------------------------------------------------------------

function field(name, words, control) {
  control.setAttribute("name", name);
  return el("label", { class: `field ${name}` }, el("span", {}, words), control);
}

function select(options, changed) {
  return el(
    "select",
    { change: changed },
    options.map(([value, words]) => el("option", { value }, words)),
  );
}

class Filters {
  constructor(report) {
    this.report = report;
    this.form = byId("filters").querySelector("form");
    let waiting = 0;
    const changed = (event) => adjust({ [event.target.name]: event.target.value });
    const typed = (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => adjust({ [event.target.name]: event.target.value }), 120);
    };
    const text = (type, more) =>
      el("input", { type, autocomplete: "off", spellcheck: "false", input: typed, ...more });
    const number = () => text("number", { min: "0", max: "1", step: "0.01", placeholder: "any" });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.append(
      field("q", "Article", text("search", { placeholder: "title or path" })),
      field("c", "Category", text("search", { placeholder: "title or id" })),
      report.kinds.length > 1
        ? field(
            "kind",
            "Kind",
            select([["", "all"], ...report.kinds.map((kind) => [kind, kind])], changed),
          )
        : "",
      field("show", "Show", select(SHOWN, changed)),
      el(
        "div",
        { class: "field level", role: "group", "aria-label": "Level" },
        el("span", {}, "Level"),
        el(
          "div",
          {},
          report.levels.map((level) =>
            el(
              "label",
              {},
              el("input", { type: "checkbox", value: level, change: () => this.levelsChanged() }),
              level,
            ),
          ),
        ),
      ),
      field("min", "Confidence from", number()),
      field("max", "to", number()),
      field("differs", "Disagreement with", select([["", "–"]], changed)),
      report.scorers.length > 1
        ? field(
            "scorer",
            "Scorer",
            select(
              report.scorers.map((scorer, n) => [n ? scorer.identity : "", scorer.name]),
              changed,
            ),
          )
        : "",
      field(
        "sort",
        "Order articles by",
        select(
          [
            ["path", "path"],
            ["title", "title"],
            ["labels", "number of labels"],
            ["best", "highest confidence"],
          ],
          changed,
        ),
      ),
      field(
        "columns",
        "Order categories by",
        select(
          [
            ["given", "definition"],
            ["labels", "number of labels"],
          ],
          changed,
        ),
      ),
      el("button", { type: "button", id: "reset", click: () => adjust(CLEARED) }, "Clear filters"),
    );
    if (window.innerWidth > 700 && !verdicts.ask) byId("filters").open = true;
  }

  levelsChanged() {
    const boxes = [...this.form.querySelectorAll("[type=checkbox]")];
    const on = boxes.filter((box) => box.checked).map((box) => box.value);
    adjust({ level: on.length === boxes.length ? "" : on.join(",") });
  }

  update(state, report, scorer, found) {
    this.offer("differs", [["", "–"], ...report.comparisons(scorer)]);
    const column = report.categoryAt.get(state.sort);
    this.offer("sort", [
      ...(report.place.size ? [["queue", "most instructive first"]] : []),
      ["path", "path"],
      ["title", "title"],
      ["labels", "number of labels"],
      ["best", "highest confidence"],
      ...(column === undefined ? [] : [[state.sort, report.categories[column].title]]),
    ]);
    for (const control of this.form.querySelectorAll("select, input:not([type=checkbox])")) {
      if (control !== document.activeElement || control.value.trim() !== state[control.name].trim())
        control.value = state[control.name];
    }
    const levels = state.level ? state.level.split(",") : report.levels;
    for (const box of this.form.querySelectorAll("[type=checkbox]"))
      box.checked = levels.includes(box.value);
    const active = FILTERS.filter((name) => state[name] !== "").length;
    byId("active").textContent = active ? ` (${active} on)` : "";
    byId("reset").disabled = active === 0;
    byId("found").textContent =
      `${counted(found.rows.length, "article")} x ${counted(found.columns.length, "category", "categories")}` +
      (active
        ? `, ${counted(found.pairs, "pair")} of ${report.pairs.toLocaleString("en")} match the filters`
        : "");
  }

  offer(name, options) {
    const control = this.form.elements[name];
    if (
      options.map(([value]) => value).join("\n") ===
      [...control.options].map((option) => option.value).join("\n")
    )
      return;
    control.replaceChildren(...options.map(([value, words]) => el("option", { value }, words)));
    control.disabled = options.length < 2;
  }
}
