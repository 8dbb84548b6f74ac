// A category: how its confidences are spread, and its articles from the best on.

const BINS = 20;
const AT_FIRST = 100;

class Categories {
  constructor(report) {
    this.report = report;
    this.choice = new Choice((pairs, accepted) => {
      const column = pairs[0] % report.width;
      const category = report.categories[column].id;
      verdicts.give(
        pairs.map((pair) => {
          const path = report.paths[Math.floor(pair / report.width)];
          return { path, category, accepted };
        }),
      );
    });
    this.list = new LongList({
      label: "Categories",
      height: 48,
      row: (column) => this.row(column),
      choose: (column, { stepping }) =>
        (stepping ? adjust : go)({ category: report.categories[column].id }),
    });
    this.pane = el("div", { class: "pane", tabindex: "-1" });
    this.element = el(
      "section",
      { class: "view split", "aria-label": "Categories" },
      this.list.element,
      this.pane,
    );
  }

  update(state, report, scorer, found) {
    this.state = state;
    this.scorer = scorer;
    this.found = found;
    const chosen = report.categoryAt.get(state.category);
    const columns =
      chosen === undefined || found.columns.includes(chosen)
        ? found.columns
        : [chosen, ...found.columns];
    this.element.classList.toggle("chosen", chosen !== undefined);
    this.list.update(columns, chosen);
    if (chosen !== this.before) this.choice.choose([]);
    const top = chosen === this.before ? this.pane.scrollTop : 0;
    this.pane.replaceChildren(chosen === undefined ? this.nothing() : this.detail(chosen));
    this.pane.scrollTop = top;
    this.before = chosen;
  }

  nothing() {
    return el(
      "p",
      { class: "empty" },
      this.found.columns.length ? "Choose a category." : "No category matches the filters.",
    );
  }

  row(column) {
    const { report, scorer } = this;
    return el(
      "div",
      {},
      el("span", { class: "title" }, said(report.categories[column].title)),
      el(
        "span",
        { class: "small muted" },
        said(report.categories[column].place),
        ": ",
        el(
          "span",
          { class: "number" },
          `${counted(scorer.assigned[column], "label")}, ${scorer.near[column].toLocaleString("en")} near`,
        ),
      ),
    );
  }

  detail(column) {
    const { report, scorer, found } = this;
    const category = report.categories[column];
    const pairs = found.rows
      .map((row) => row * report.width + column)
      .filter((pair) => found.everything || found.match[pair])
      .sort((a, b) => scorer.confidence[b] - scorer.confidence[a] || a - b);
    const near = pairs.filter((pair) => scorer.flags[pair] & NEAR);
    const labels = pairs.filter((pair) => scorer.flags[pair] & LABEL);
    const rest = pairs.filter(
      (pair) => !(scorer.flags[pair] & (LABEL | NEAR)) && scorer.confidence[pair] >= 0,
    );
    const unjudged = pairs.filter(
      (pair) => !(scorer.flags[pair] & LABEL) && scorer.confidence[pair] < 0,
    );
    this.choice.offer([...labels, ...near, ...rest, ...unjudged]);
    return el(
      "article",
      {},
      back("categories", "category"),
      el("h2", {}, said(category.title)),
      el(
        "p",
        { class: "muted small" },
        said(category.id),
        `: needs ${digits(scorer.minimums[column])}`,
      ),
      category.description ? el("p", {}, said(category.description)) : "",
      this.histogram(column, pairs),
      this.choice.bar,
      this.part("Labels", labels, "No article has this label."),
      this.part(
        "Near misses",
        near,
        `No article without the label is within ${(report.near / 100).toFixed(2)} of the minimum.`,
      ),
      this.part("All others", rest, "None."),
      unjudged.length ? this.part("Not judged", unjudged, "") : "",
    );
  }

  part(title, pairs, none) {
    const { report, scorer } = this;
    const explained = title === "Labels" || title === "Near misses";
    const item = (pair) => {
      const article = Math.floor(pair / report.width);
      const name = linkTo(
        {
          view: "articles",
          article: report.paths[article],
          category: report.categories[pair % report.width].id,
        },
        {},
        said(report.titles[article]),
      );
      const named = [this.choice.box(pair, report.titles[article]), name];
      return explained && !verdicts.ask
        ? judgement(report, scorer, pair, named)
        : el("li", { class: "judgement brief" }, heading(report, scorer, pair, named));
    };
    const list = el(
      "ol",
      { class: verdicts.ask ? "judgements grid" : "judgements" },
      pairs.slice(0, AT_FIRST).map(item),
    );
    const more =
      pairs.length > AT_FIRST &&
      el(
        "button",
        {
          type: "button",
          click: () => {
            list.append(...pairs.slice(AT_FIRST).map(item));
            more.remove();
          },
        },
        `Show the other ${(pairs.length - AT_FIRST).toLocaleString("en")}`,
      );
    return [
      el("h3", {}, `${title} (${pairs.length.toLocaleString("en")})`),
      pairs.length ? list : el("p", { class: "muted" }, none),
      more,
    ];
  }

  histogram(column, pairs) {
    const { report, scorer } = this;
    const bins = Array.from({ length: BINS }, () => [0, 0]);
    for (const pair of pairs) {
      if (scorer.confidence[pair] < 0) continue;
      const bin = bins[Math.min(BINS - 1, Math.floor(scorer.confidence[pair] / (10000 / BINS)))];
      bin[scorer.flags[pair] & LABEL ? 1 : 0]++;
    }
    const most = Math.sqrt(Math.max(1, ...bins.map(([no, yes]) => no + yes)));
    const [width, height] = [Math.min(600, window.innerWidth - 32), 120];
    const step = width / BINS;
    const needed = (scorer.minimums[column] / 10000) * width;
    const bars = bins.flatMap(([no, yes], n) => {
      const total = no + yes;
      if (!total) return [];
      const whole = (Math.sqrt(total) / most) * (height - 16);
      const part = (whole * yes) / total;
      const at = { x: n * step + 1, width: step - 2 };
      return [
        svg("rect", { ...at, y: height - whole, height: whole - part, class: "no" }),
        svg("rect", { ...at, y: height - part, height: part, class: "yes" }),
        svg(
          "text",
          { x: n * step + step / 2, y: height - whole - 4, "text-anchor": "middle" },
          String(total),
        ),
      ];
    });
    const line = svg("line", { x1: needed, x2: needed, y1: 0, y2: height, class: "needed" });
    const told = bins
      .map(([no, yes], n) => (no + yes ? `${(n / BINS).toFixed(2)}: ${no + yes}` : ""))
      .filter(Boolean)
      .join(", ");
    return el(
      "figure",
      {},
      svg(
        "svg",
        {
          viewBox: `0 -2 ${width} ${height + 20}`,
          role: "img",
          "aria-label": `Articles by confidence, from: count. ${told}`,
        },
        bars,
        line,
        svg("line", { x1: 0, x2: width, y1: height, y2: height, class: "axis" }),
        [0, 0.25, 0.5, 0.75, 1].map((share) =>
          svg(
            "text",
            {
              x: share * width,
              y: height + 14,
              "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle",
            },
            share.toFixed(2),
          ),
        ),
      ),
      verdicts.ask
        ? new Threshold({ column, report, scorer: this.scorer, line, width }).element
        : "",
      el(
        "figcaption",
        { class: "small muted" },
        "Articles by confidence; labels are in full colour, the line is the minimum. Bar heights are square roots, so that small counts stay visible.",
      ),
    );
  }
}

// On a narrow screen the list and what was chosen of it take turns.
function back(view, name) {
  return el("p", { class: "back" }, linkTo({ view, [name]: "" }, {}, "← All"));
}
