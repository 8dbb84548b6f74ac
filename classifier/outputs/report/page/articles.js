// The titles of an article's labels, best first.
function articleLabels(report, scorer, article) {
  const first = article * report.width;
  const labels = [];
  for (let column = 0; column < report.width; column++) {
    if (scorer.flags[first + column] & LABEL) labels.push(column);
  }
  labels.sort((a, b) => scorer.confidence[first + b] - scorer.confidence[first + a]);
  return labels.map((column) => report.categories[column].title).join(", ");
}

// An article: every judgement of it, with the reasons.

class Articles {
  constructor(report) {
    this.report = report;
    this.list = new LongList({
      label: "Articles",
      height: 48,
      row: (article) => this.row(article),
      choose: (article, { stepping }) =>
        (stepping ? adjust : go)({ article: report.paths[article], category: "" }),
    });
    this.pane = el("div", { class: "pane", tabindex: "-1" });
    this.element = el(
      "section",
      { class: "view split", "aria-label": "Articles" },
      this.list.element,
      this.pane,
    );
  }

  update(state, report, scorer, found) {
    this.state = state;
    this.scorer = scorer;
    this.found = found;
    const chosen = report.articleAt.get(state.article);
    const rows =
      chosen === undefined || found.rows.includes(chosen) ? found.rows : [chosen, ...found.rows];
    this.element.classList.toggle("chosen", chosen !== undefined);
    this.list.update(rows, chosen);
    this.pane.replaceChildren(chosen === undefined ? this.nothing() : this.detail(chosen));
    if (chosen !== this.before) this.pane.scrollTop = 0;
    this.before = chosen;
    this.pane.querySelector(".here")?.scrollIntoView({ block: "center" });
  }

  nothing() {
    const { state, found } = this;
    if (state.article)
      return el("p", { class: "empty" }, "This report has no article ", said(state.article), ".");
    return el(
      "p",
      { class: "empty" },
      found.rows.length ? "Choose an article." : "No article matches the filters.",
    );
  }

  row(article) {
    const { report, scorer, found } = this;
    const labels = articleLabels(report, scorer, article) || "no label";
    const told = scorer.best[article] < 0 ? "not judged" : labels;
    return el(
      "div",
      {},
      el("span", { class: "title" }, said(report.titles[article])),
      el(
        "span",
        { class: "small muted" },
        found.everything
          ? ""
          : el("span", { class: "number" }, `${found.perRow[article]} of ${report.width}: `),
        said(told),
      ),
    );
  }

  detail(article) {
    const { report, scorer, state } = this;
    const pairs = Array.from(
      { length: report.width },
      (_, column) => article * report.width + column,
    ).sort((a, b) => scorer.confidence[b] - scorer.confidence[a] || a - b);
    const is = (flag) => (pair) => (scorer.flags[pair] & flag) !== 0;
    const labels = pairs.filter(is(LABEL));
    const others = pairs.filter((pair) => !is(LABEL)(pair) && scorer.detail(pair) !== null);
    const rest = pairs.filter((pair) => !is(LABEL)(pair) && scorer.detail(pair) === null);
    const failures = scorer.failed.get(article) || [];
    const here = report.categoryAt.get(state.category);
    const isHere = (pair) => pair % report.width === here;
    const linked = (pair) => {
      const { id, title, kind } = report.categories[pair % report.width];
      const link = linkTo({ view: "categories", category: id }, {}, said(title));
      return [link, el("span", { class: "small muted" }, ` ${kind}`)];
    };
    const item = (pair) => {
      const node = judgement(report, scorer, pair, linked(pair), { open: isHere(pair) });
      if (isHere(pair)) node.classList.add("here");
      return node;
    };
    const brief = (pair) =>
      el(
        "li",
        { class: isHere(pair) ? "judgement here" : "judgement" },
        heading(report, scorer, pair, linked(pair)),
      );
    const part = (title, some, none) => [
      el("h3", {}, `${title} (${some.length})`),
      some.length
        ? el("ol", { class: "judgements" }, some.map(item))
        : el("p", { class: "muted" }, none),
    ];
    const head = [
      back("articles", "article"),
      el("h2", {}, said(report.titles[article])),
      el("p", { class: "muted small path" }, said(report.paths[article])),
      failures.map(({ reason, message, missing }) =>
        el(
          "p",
          { class: "notice" },
          `${reason}${missing.length ? `, ${counted(missing.length, "category", "categories")}` : ""}: `,
          said(message),
        ),
      ),
    ];
    if (report.texts === null)
      return el("article", {}, head, el("p", { class: "muted" }, "Loading the details ..."));
    return el(
      "article",
      {},
      head,
      part(
        "Labels",
        labels,
        scorer.best[article] < 0 ? "Not judged yet." : "No category reaches its minimum.",
      ),
      part("Not assigned", others, "No near misses."),
      rest.length
        ? [
            el("h3", {}, `All others (${rest.length})`),
            report.explained
              ? ""
              : el(
                  "p",
                  { class: "muted small" },
                  "Too far from the minimum: this page has only the confidence. For the reasons, see ",
                  el("code", {}, "classify history"),
                  ", or write the report with ",
                  el("code", {}, "--explain"),
                  ".",
                ),
            el("ol", { class: "judgements brief" }, rest.map(brief)),
          ]
        : "",
    );
  }
}
