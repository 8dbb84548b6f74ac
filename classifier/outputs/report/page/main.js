// Puts the parts together: what the address says is drawn, and keys change the address.

const VIEWS = [
  ["overview", "Overview"],
  ["map", "Map"],
  ["categories", "Categories"],
  ["articles", "Articles"],
];
const REVIEW = [
  ["articles", "Review"],
  ["categories", "By category"],
  ["map", "Map"],
  ["overview", "Overview"],
];
const REVIEW_KEYS = [
  ["a r", "Accept, reject the label that is open"],
  ["Enter", "Confirm the article: labels as suggested, all others not"],
  ["n p", "Next, previous article"],
  ["j k", "Next, previous label (or ↓ ↑)"],
  ["u", "Undo"],
  ["i", "Note"],
  ["+", "Add another category"],
];
const KEYS = [
  ["1 2 3 4", "The views"],
  ["/", "Search articles"],
  ["c", "Search categories"],
  ["j k", "Next, previous in the list (or ↓ ↑ in it)"],
  ["↑ ↓ ← → Page Home End", "Move in the map; Enter opens, s orders by the category"],
  ["x", "Clear the filters"],
  ["d", "Dark or light"],
  ["Esc", "Leave a field; back from an article or category"],
  ["?", "This list"],
];

// What cannot be remembered (private windows, strict settings) is asked for anew: nothing depends on it.
const memory = {
  read(name) {
    try {
      return localStorage.getItem(`classify-report-${name}`);
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(`classify-report-${name}`, value);
    } catch {
      /* see above */
    }
  },
};

class App {
  // A report has all its data at once; the review of a desk begins without the whole.
  constructor({ report = null, desk = null, of }) {
    this.report = null;
    this.filters = null;
    this.desk = desk;
    /** @type {Record<string, any>} */
    this.views = desk ? { articles: new Review(desk) } : {};
    this.order = desk ? REVIEW : VIEWS;
    this.main = byId("main");
    this.keysOn = memory.read("keys") !== "off";
    this.links = this.order.map(([name, words]) => [name, linkTo({ view: name }, {}, words)]);
    byId("views").append(...this.links.map(([, link]) => link));
    byId("of").replaceChildren(said(of.join(", ")));
    if (report) this.attach(report);
    byId("filters").hidden = !report;
    this.buildKeys();
    byId("skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.main.focus();
    });
    byId("help").addEventListener("click", () => byId("keys").showModal());
    byId("theme").addEventListener("click", () => this.setTheme(this.dark() ? "light" : "dark"));
    redraw = () => {
      if (location.hash !== this.drawn) this.render();
    };
    verdicts.listeners.add((change) => this.changed(change));
    window.addEventListener("hashchange", redraw);
    document.addEventListener("keydown", (event) => this.key(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      this.themeChanged(),
    );
    const theme = memory.read("theme");
    if (theme) document.documentElement.dataset.theme = theme;
    this.themeChanged();
  }

  // The columns of the whole: for every view but the review of one article.
  attach(report) {
    this.report = report;
    byId("filters").hidden = false;
    if (!this.filters) this.filters = new Filters(report);
    this.filters.report = report;
    Object.assign(this.views, {
      overview: new Overview(report),
      map: new HeatMap(report),
      categories: new Categories(report),
    });
    if (!this.desk) this.views.articles = new Articles(report);
  }

  changed(change) {
    if (change.saving) return;
    if (change.renewed && this.desk.report) this.attach(this.desk.report);
    if (change.renewed || !this.desk || state.view !== "articles") this.render();
  }

  get scorer() {
    if (!this.report) return null;
    return (
      this.report.scorers.find((scorer) => scorer.identity === state.scorer) ||
      this.report.scorers[0]
    );
  }

  render() {
    this.drawn = location.hash;
    state = stateOf(this.drawn);
    if (!this.order.some(([name]) => name === state.view)) state.view = DEFAULTS.view;
    if (!Object.hasOwn(this.views, state.view)) {
      notice("Loading all articles ...");
      return;
    }
    const { report, scorer } = this;
    const view = this.views[state.view];
    const found = report ? filtered(state, report, scorer) : null;
    for (const [name, link] of this.links) {
      link.setAttribute("href", hashOf({ ...state, view: name }));
      if (name === state.view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.body.dataset.view = state.view;
    const turned = this.main.firstElementChild !== view.element;
    if (turned) this.main.replaceChildren(view.element);
    view.update(state, report, scorer, found);
    if (report) this.filters.update(state, report, scorer, found);
    // What had the focus may be gone with the view before.
    if (turned && document.activeElement === document.body)
      this.main.focus({ preventScroll: true });
  }

  dark() {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    memory.write("theme", theme);
    this.themeChanged();
  }

  themeChanged() {
    byId("theme").textContent = this.dark() ? "Light" : "Dark";
    this.views.map?.layout();
  }

  buildKeys() {
    const on = el("input", {
      type: "checkbox",
      change: () => {
        this.keysOn = on.checked;
        memory.write("keys", on.checked ? "on" : "off");
      },
    });
    on.checked = this.keysOn;
    byId("keys").append(
      el("h2", { id: "keys-title" }, "Keys"),
      el(
        "dl",
        {},
        [...(this.desk ? REVIEW_KEYS : []), ...KEYS].map(([keys, words]) => [
          el(
            "dt",
            {},
            keys.split(" ").map((key) => [el("kbd", {}, key), " "]),
          ),
          el("dd", {}, words),
        ]),
      ),
      el("p", {}, el("label", {}, on, " Use these keys")),
      el(
        "p",
        { class: "muted" },
        "The address holds the view and the filters: share it to show the same page.",
      ),
      el("form", { method: "dialog" }, el("button", {}, "Close")),
    );
  }

  key(event) {
    const typing = event.target.closest?.("input, select, textarea, dialog");
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") {
      if (typing) event.target.blur();
      else if (state.article && state.view === "articles") go({ article: "", category: "" });
      else if (state.category && state.view === "categories") go({ category: "" });
      return;
    }
    if (typing || !this.keysOn) return;
    if (event.key === "Enter" && event.target.closest?.("a, button, summary")) return;
    const action = this.action(event.key);
    if (!action) return;
    event.preventDefault();
    action();
  }

  action(key) {
    const view = this.views[state.view];
    const own = view?.action?.(key);
    if (own) return own;
    const list = view?.list;
    const field = (name, other) => () => {
      if (!this.filters) return;
      if (state.view === "overview") go({ view: other });
      byId("filters").open = true;
      const control = this.filters.form.elements[name];
      control.focus();
      control.select();
    };
    const actions = {
      "/": field("q", "articles"),
      c: field("c", "categories"),
      x: () => byId("reset").click(),
      "?": () => byId("keys").showModal(),
      d: () => byId("theme").click(),
      j: () => list?.step(1),
      k: () => list?.step(-1),
    };
    const to = this.order[Number(key) - 1];
    return to ? () => go({ view: to[0] }) : actions[key];
  }
}

function notice(text) {
  byId("main").replaceChildren(el("p", { class: "notice" }, text));
}

async function start() {
  if (typeof DecompressionStream === "undefined") {
    notice(
      "This browser is too old for this page: it needs Chrome 123, Firefox 120, Safari 17.5 or later.",
    );
    return;
  }
  if (byId("start")) {
    await startReview();
    return;
  }
  byId("main").replaceChildren(el("p", { class: "empty" }, "Opening the report ..."));
  const report = new Report(await unpacked("core"));
  verdicts = new SavedVerdicts(report);
  const app = new App({ report, of: report.of });
  app.render();
  performance.mark("rendered");
  report.explain(await unpacked("details"));
  if (state.view === "articles" || state.view === "categories") app.render();
  performance.mark("explained");
  document.documentElement.dataset.ready = "";
}

async function startReview() {
  const desk = new Desk(await unpacked("start"));
  verdicts = desk;
  Object.assign(DEFAULTS, { view: "articles", sort: "queue" });
  byId("name").textContent = "classify review";
  document.body.classList.add("live");
  state = stateOf(location.hash);
  const app = new App({ desk, of: desk.of });
  app.render();
  performance.mark("rendered");
  document.documentElement.dataset.ready = "";
  app.attach(await desk.whole());
  app.render();
  document.documentElement.dataset.whole = "";
}

start().catch((error) => {
  notice(
    "This page cannot be shown: the file is damaged or incomplete. Write or download it again.",
  );
  throw error; // for the console
});
