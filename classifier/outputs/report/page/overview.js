// The run at a glance.

const UNCERTAIN = 12;
const FAILED = 50;

class Overview {
  constructor(report) {
    this.report = report;
    this.element = el("section", { class: "view overview", "aria-label": "Overview" });
  }

  update(state, report, scorer) {
    this.element.replaceChildren(
      el(
        "div",
        { class: "column" },
        this.lead(scorer),
        this.scorers(),
        this.levels(scorer),
        this.rules(scorer),
        this.differences(scorer),
      ),
      el(
        "div",
        { class: "column" },
        report.kinds.map((kind) => this.kind(scorer, kind)),
      ),
      el("div", { class: "column" }, this.uncertain(scorer), this.failures(scorer)),
    );
  }

  lead(scorer) {
    const { report } = this;
    const labelled = scorer.labels.filter((count) => count > 0).length;
    const labels = scorer.labels.reduce((sum, count) => sum + count, 0);
    const missing = report.pairs - scorer.judged;
    return el(
      "div",
      { class: "lead" },
      el(
        "p",
        {},
        `${counted(report.height, "article")} x ${counted(report.width, "category", "categories")}: ${counted(scorer.judged, "pair")} judged by ${scorer.name}.`,
      ),
      el(
        "p",
        {},
        `${counted(labels, "label")} on `,
        linkFrom({ view: "articles", show: "label" }, {}, counted(labelled, "article")),
        "; ",
        report.height > labelled
          ? linkFrom(
              { view: "articles", show: "none" },
              {},
              `${(report.height - labelled).toLocaleString("en")} without any`,
            )
          : "every article has one",
        ".",
        missing
          ? [
              " ",
              linkFrom(
                { view: "map", show: "unjudged" },
                {},
                `${counted(missing, "pair")} not judged`,
              ),
              ".",
            ]
          : "",
      ),
      el("p", { class: "muted" }, `Generated ${date(report.made)}.`),
    );
  }

  scorers() {
    return block(
      "Scorers and cost",
      this.report.scorers.map((scorer) => {
        const { usage } = scorer;
        const times = scorer.times.filter(Boolean);
        const [from, to] = times.length
          ? [date(Math.min(...times)), date(Math.max(...times))]
          : ["", ""];
        const thousands = (number) => number.toLocaleString("en");
        const rows = [
          ["Scorer", scorer.identity],
          ["Judged", from === to ? from : `${from} to ${to}`],
          ["Pairs here", thousands(scorer.judged)],
          ["Calls", usage.calls ? thousands(usage.calls) : "none"],
          [
            "Tokens",
            usage.calls
              ? `${thousands(usage.input_tokens)} in (${thousands(usage.cached_tokens)} cached), ${thousands(usage.output_tokens)} out`
              : "",
          ],
          ["Cost", money(usage)],
          ["Minimums", scorer.decided_by ? `by ${scorer.decided_by}` : ""],
        ];
        return el(
          "dl",
          { class: "number" },
          rows
            .filter(([, text]) => text)
            .map(([term, text]) => [el("dt", { class: "muted" }, term), el("dd", {}, said(text))]),
        );
      }),
      this.report.scorers.some((scorer) => scorer.usage.calls)
        ? el(
            "p",
            { class: "small muted" },
            "Calls and cost include everything stored for a scorer, including other articles and earlier versions.",
          )
        : "",
    );
  }

  levels(scorer) {
    const most = Math.max(1, ...scorer.levels);
    return block(
      "Pairs by level",
      el(
        "ol",
        { class: "bars" },
        this.report.levels.map((level, n) =>
          el(
            "li",
            {},
            linkFrom({ view: "map", level }, { class: "name" }, level),
            bar((scorer.levels[n] / most) * 10000, `level-${n}`),
            el("span", { class: "number" }, scorer.levels[n].toLocaleString("en")),
          ),
        ),
      ),
      scorer.calibrated
        ? el(
            "p",
            { class: "small muted" },
            "Confidences are calibrated: of pairs at 0.80, about 80 in 100 belong.",
          )
        : "",
    );
  }

  rules(scorer) {
    return block(
      "Rules",
      el(
        "ul",
        { class: "plain" },
        Object.entries(scorer.rules).map(([kind, rule]) => {
          const most = rule.at_most === null ? "any number of labels" : `at most ${rule.at_most}`;
          const own = this.report.categories.some(
            (category, n) =>
              category.kind === kind &&
              scorer.minimums[n] !== Math.floor(rule.minimum * 10000 + 1e-7),
          );
          return el(
            "li",
            {},
            said(kind),
            `: ${own ? "a minimum for each category" : `from ${rule.minimum.toFixed(2)}`}, ${most}${rule.by === "level" ? ", of the best level only" : ""}`,
          );
        }),
      ),
    );
  }

  differences(scorer) {
    const { report } = this;
    const offered = report.comparisons(scorer);
    if (!offered.length) {
      return block(
        "Disagreement",
        el(
          "p",
          { class: "muted" },
          "Nothing to compare with: no verdicts, no front matter key (--field), no other scorer (--against).",
        ),
      );
    }
    const count = (from) => {
      let found = 0;
      for (let pair = 0; pair < report.pairs; pair++)
        if (report.differs(scorer, pair, from)) found++;
      return found;
    };
    return block(
      "Disagreement",
      el(
        "ul",
        { class: "plain" },
        offered.map(([from, words]) =>
          el(
            "li",
            {},
            "with ",
            said(words),
            ": ",
            linkFrom({ view: "articles", differs: from }, {}, counted(count(from), "pair")),
          ),
        ),
      ),
    );
  }

  kind(scorer, kind) {
    const { report } = this;
    const columns = report.categories
      .map((_, n) => n)
      .filter((n) => report.categories[n].kind === kind)
      .sort((a, b) => scorer.assigned[b] - scorer.assigned[a] || a - b);
    const most = Math.max(1, ...columns.map((n) => scorer.assigned[n]));
    const used = columns.filter((n) => scorer.assigned[n] > 0);
    const unused = columns.filter((n) => scorer.assigned[n] === 0);
    return block(
      `${kind}: labels`,
      used.length
        ? el(
            "ol",
            { class: "bars" },
            used.map((n) =>
              el(
                "li",
                {},
                linkFrom(
                  { view: "categories", category: report.categories[n].id },
                  { class: "name" },
                  said(report.categories[n].title),
                ),
                bar((scorer.assigned[n] / most) * 10000),
                el("span", { class: "number" }, scorer.assigned[n].toLocaleString("en")),
              ),
            ),
          )
        : el("p", { class: "muted" }, "No labels of this kind."),
      unused.length
        ? el(
            "p",
            { class: "small muted" },
            "Without articles: ",
            unused.map((n, at) => [
              at ? ", " : "",
              linkFrom(
                { view: "categories", category: report.categories[n].id },
                {},
                said(report.categories[n].title),
              ),
            ]),
            ".",
          )
        : "",
    );
  }

  uncertain(scorer) {
    const { report } = this;
    const nearest = [];
    for (let pair = 0; pair < report.pairs; pair++) {
      if (
        scorer.confidence[pair] < 0 ||
        scorer.flags[pair] & EXCLUDED ||
        report.verdictOf.has(pair)
      )
        continue;
      const far = Math.abs(scorer.confidence[pair] - scorer.minimumOf(pair));
      if (nearest.length === UNCERTAIN && far >= nearest[UNCERTAIN - 1][0]) continue;
      nearest.push([far, pair]);
      nearest.sort((a, b) => a[0] - b[0]);
      nearest.length = Math.min(nearest.length, UNCERTAIN);
    }
    return block(
      "Least certain",
      el(
        "p",
        { class: "small muted" },
        "The decisions closest to their minimum. Settle them with classify accept or classify reject.",
      ),
      el(
        "ol",
        { class: "plain" },
        nearest.map(([, pair]) => {
          const [article, column] = [Math.floor(pair / report.width), pair % report.width];
          const { id, title } = report.categories[column];
          return el(
            "li",
            { class: "pairing" },
            linkFrom(
              { view: "articles", article: report.paths[article], category: id },
              {},
              said(report.titles[article]),
            ),
            el(
              "div",
              { class: "small" },
              said(title),
              " ",
              el("span", { class: "number" }, allDigits(scorer.confidence[pair])),
              ", needs ",
              el("span", { class: "number" }, allDigits(scorer.minimumOf(pair))),
              marks(report, scorer, pair),
            ),
          );
        }),
      ),
    );
  }

  failures(scorer) {
    const { report } = this;
    if (!scorer.failures.length) return null;
    return block(
      "Not judged completely",
      el(
        "ul",
        { class: "plain" },
        scorer.failures
          .slice(0, FAILED)
          .map(([article, reason, message, missing]) =>
            el(
              "li",
              { class: "pairing" },
              linkFrom(
                { view: "articles", article: report.paths[article] },
                {},
                said(report.titles[article]),
              ),
              el(
                "div",
                { class: "small muted" },
                `${reason}: `,
                said(message),
                missing.length ? ` (${counted(missing.length, "category", "categories")})` : "",
              ),
            ),
          ),
      ),
      scorer.failures.length > FAILED
        ? el(
            "p",
            { class: "muted" },
            `and ${(scorer.failures.length - FAILED).toLocaleString("en")} more`,
          )
        : "",
    );
  }
}

// The overview is of everything: filters that were set elsewhere are none of its links'.
function linkFrom(changes, attributes, ...children) {
  return linkTo({ ...CLEARED, ...changes }, attributes, ...children);
}

function block(title, ...children) {
  return el("section", { class: "block" }, el("h2", {}, said(title)), children);
}

function money(usage) {
  if (usage.cost === null) return "unknown price";
  if (!usage.calls) return "nothing";
  return usage.cost >= 10 ? `$${usage.cost.toFixed(2)}` : `$${usage.cost.toFixed(4)}`;
}
