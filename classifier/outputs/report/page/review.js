// One article at a time: its text with the evidence in it, and the pairs to decide on beside it.

const ELEMENTS = new Set(
  "p blockquote ul ol li table tr td em strong s u h3 h4 h5 h6 pre code hr br image".split(" "),
);
const FOUND = 8; // categories that a search lists

// A tree from the server, made of elements we know and of text. `picture` makes an image.
function tree(node, picture) {
  if (typeof node === "string") return node;
  if (node.target) {
    const inside = node.children.map((child) => tree(child, picture));
    if (node.name === "image") return picture(node.target, inside);
    return /^https?:\/\//i.test(node.target)
      ? el("a", { href: node.target, target: "_blank", rel: "noopener noreferrer" }, inside)
      : el("u", {}, inside);
  }
  if (!Array.isArray(node)) {
    const numbers = (kind) =>
      node.names.filter((name) => name.startsWith(kind)).map((name) => name.split(" ")[1]);
    return el(
      "mark",
      {
        class: numbers("quote").length ? "quote" : "mention",
        "data-quote": numbers("quote").join(" "),
        "data-mention": numbers("mention").join(" "),
      },
      node.text,
    );
  }
  const [name, ...children] = node;
  const inside = children.map((child) => tree(child, picture));
  if (!ELEMENTS.has(name)) return el("span", {}, inside);
  if (name === "image") return el("span", { class: "image" }, "Image: ", inside);
  return el(name, name === "pre" ? { tabindex: "0" } : {}, inside);
}

class Review {
  constructor(desk) {
    this.desk = desk;
    this.drawn = null;
    this.others = false;
    this.folded = window.innerWidth <= 700;
    /** @type {any} */
    this.article = null;
    this.list = new LongList({
      label: "Queue",
      height: 48,
      row: (path) => this.row(path),
      choose: (path, { stepping }) => (stepping ? adjust : go)({ article: path, category: "" }),
    });
    this.text = el("div", { class: "pane text", tabindex: "-1" });
    this.pairs = el("div", { class: "pane pairs" });
    this.gain = new Gain(desk);
    this.status = el("p", { class: "unseen", role: "status" });
    this.end = el("p", { class: "end", hidden: true });
    this.bar = this.buttons();
    this.element = el(
      "section",
      { class: "view review", "aria-label": "Review" },
      this.gain.element,
      el("div", { class: "desk" }, this.list.element, this.text, this.pairs),
      this.end,
      this.bar,
      this.status,
    );
    desk.listeners.add((change) => this.changed(change));
  }

  buttons() {
    const button = (words, key, click, more = {}) =>
      el("button", { type: "button", click, title: key, ...more }, words, " ", el("kbd", {}, key));
    return el(
      "div",
      { class: "bar", role: "toolbar", "aria-label": "Decide" },
      button("✓ Accept", "a", () => this.decide(true), { class: "accept" }),
      button("✗ Reject", "r", () => this.decide(false), { class: "reject" }),
      button("Confirm the article", "⏎", () => this.confirm()),
      button("Next", "n", () => this.step(1)),
      button("Undo", "u", () => this.undo()),
      button("Note", "i", () => this.note()),
      button("Add", "+", () => this.find()),
    );
  }

  // --- drawing -------------------------------------------------------------------------------------

  update(state, report, scorer, found) {
    this.state = state;
    this.report = report;
    this.scorer = scorer;
    this.items = found ? found.rows.map((row) => report.paths[row]) : this.desk.queue;
    const path = state.article || this.items[0] || "";
    this.list.update(this.items.includes(path) || !path ? this.items : [path, ...this.items], path);
    this.gain.update();
    this.open(path);
  }

  async open(path) {
    if (path !== this.path) this.end.hidden = true;
    this.path = path;
    if (!path) {
      this.article = null;
      this.drawn = null;
      this.text.replaceChildren(el("p", { class: "empty" }, "Nothing is left to review here."));
      this.pairs.replaceChildren();
      return;
    }
    const ready = this.desk.shown.get(path);
    try {
      const article = ready || (await this.desk.article(path));
      if (this.path !== path) return;
      this.draw(article);
    } catch (error) {
      if (this.path !== path) return;
      this.drawn = null;
      this.article = null;
      this.text.replaceChildren(el("p", { class: "notice" }, said(String(error.message || error))));
      this.pairs.replaceChildren();
      return;
    }
    for (const next of this.after(path, 2)) this.desk.article(next).catch(() => {});
  }

  draw(article) {
    const turned = this.drawn !== article;
    this.article = article;
    this.at = this.place();
    if (turned) {
      this.drawn = article;
      this.text.replaceChildren(this.head(article), el("div", { class: "body", dir: "auto" }, this.body(article)));
      this.text.scrollTop = 0;
      this.others = false;
      performance.mark("article");
    }
    this.drawPairs();
    this.light();
  }

  // Images are those of the content folder: the page may load no others.
  body(article) {
    const picture = (target, inside) => {
      const { textContent } = el("span", {}, inside);
      const query = new URLSearchParams({ path: article.path, target, token: TOKEN });
      const src = `api/image?${query}`;
      return el("img", { src, alt: textContent, title: textContent || undefined, loading: "lazy" });
    };
    return article.body.map((node) => tree(node, picture));
  }

  // The pair the keys decide on: the one in the address, else the first that is undecided.
  place() {
    const { pairs } = this.article;
    const named = pairs.findIndex((pair) => pair.category === this.state.category);
    if (named >= 0) return named;
    const open = pairs.findIndex((pair) => pair.asked && !pair.verdict);
    return open >= 0 ? open : 0;
  }

  head(article) {
    return el(
      "div",
      { class: "article" },
      el("h2", {}, said(article.title || article.path)),
      el("p", { class: "muted small path" }, said(article.path)),
      article.description ? el("p", { class: "lead" }, said(article.description)) : "",
      article.fields.map(([key, labels]) =>
        el(
          "p",
          { class: "small" },
          el("span", { class: "muted" }, "In the file: ", said(key), ": "),
          labels.length ? said(labels.join(", ")) : el("span", { class: "muted" }, "nothing"),
        ),
      ),
      el(
        "button",
        { type: "button", class: "small", click: () => this.gain.preview(article.path) },
        "Apply to this article …",
      ),
      article.failures.map(([reason, message]) =>
        el("p", { class: "notice" }, `${reason}: `, said(message)),
      ),
    );
  }

  drawPairs() {
    const { pairs } = this.article;
    const focused = this.pairs.contains(document.activeElement);
    const first = pairs.map((pair, n) => [pair, n]).filter(([pair, n]) => this.isFirst(pair, n));
    const rest = pairs.map((pair, n) => [pair, n]).filter(([pair, n]) => !this.isFirst(pair, n));
    const likely = rest.filter(([pair]) => pair.listed);
    const top = this.pairs.scrollTop;
    this.pairs.replaceChildren(
      el("h2", { class: "phone" }, said(this.article.title)),
      el("h3", { class: "unseen" }, "Labels to decide on"),
      el(
        "ol",
        { class: "cards" },
        first.map(([pair, n]) => this.card(pair, n)),
      ),
      likely.length
        ? el(
            "div",
            { class: "likely", role: "group", "aria-label": "Less likely labels" },
            likely.map(([pair]) => this.likely(pair)),
          )
        : "",
      this.search(),
      el(
        "details",
        {
          class: "rest",
          open: this.others,
          toggle: (event) => {
            this.others = event.target.open;
          },
        },
        el("summary", {}, `All others (${rest.length})`),
        el(
          "ol",
          { class: "cards" },
          rest.map(([pair, n]) => this.card(pair, n)),
        ),
      ),
    );
    this.pairs.scrollTop = top;
    if (focused) this.pairs.querySelector(".here button")?.focus({ preventScroll: true });
    this.pairs.querySelector(".here")?.scrollIntoView({ block: "nearest" });
  }

  // One that is missing costs a click, and no search.
  likely(pair) {
    return el(
      "button",
      {
        type: "button",
        class: "small",
        title: [pair.kind, ...pair.above].join(" › "),
        "aria-label": `Accept ${pair.title}`,
        click: () => this.give(pair, true),
      },
      "+ ",
      said(pair.title),
    );
  }

  isFirst(pair, n) {
    return pair.asked || pair.verdict || n === this.at;
  }

  card(pair, n) {
    const here = n === this.at;
    const value = pair.judgement ? Math.floor(pair.judgement.confidence * 10000 + 1e-7) : -1;
    return el(
      "li",
      {
        class: `card ${here ? "here" : ""} ${pair.saving ? "saving" : ""} ${pair.verdict ? "decided" : ""}`,
        "aria-current": here ? "true" : undefined,
        "aria-busy": pair.saving ? "true" : undefined,
        click: () => this.select(n),
      },
      el(
        "div",
        { class: "top" },
        el(
          "button",
          { type: "button", class: "name", click: () => this.select(n), "aria-expanded": String(here) },
          said(pair.title),
        ),
        el("span", { class: "number" }, digits(value)),
        verdictButtons({
          verdict: pair.verdict,
          title: pair.title,
          give: (accepted) => this.give(pair, accepted),
        }),
      ),
      bar(value, pair.label ? "" : "level-3"),
      el("p", { class: "small muted" }, this.words(pair)),
      pair.verdict?.note ? el("p", { class: "small" }, "Note: ", said(pair.verdict.note)) : "",
      here ? this.more(pair) : "",
    );
  }

  words(pair) {
    const words = [];
    if (pair.saving) words.push("saving …");
    else if (pair.verdict)
      words.push(
        `${pair.verdict.accepted ? "accepted" : "rejected"} ${date(pair.verdict.at)}`,
      );
    else words.push(pair.label ? "suggested" : pair.why || "not judged");
    if (pair.in_file) words.push("in the file");
    if (pair.disputed) words.push("another scorer disagrees");
    words.push([pair.kind, ...pair.above].join(" › "));
    return words.map((word, n) => [n ? " · " : "", said(word)]);
  }

  more(pair) {
    const { judgement: judged } = pair;
    return el(
      "div",
      { class: "more" },
      judged?.reasoning ? el("p", {}, said(judged.reasoning)) : "",
      judged?.exclusion ? el("p", {}, "Excluded: ", said(judged.exclusion)) : "",
      (judged?.evidence || []).map((quote) => quoted({ quote: quote.text, verified: quote.verified, before: "", after: "" })),
      this.definition(pair),
      judged
        ? el("p", { class: "small muted" }, said(judged.scorer), ` · ${judged.kind} · ${date(pair.at)}`)
        : "",
    );
  }

  definition(pair) {
    const known = this.desk.definitions.get(pair.category);
    const inside = el("div", { tabindex: "0", role: "group", "aria-label": `Definition of ${pair.title}` });
    const box = el(
      "details",
      {
        class: "definition",
        open: !this.folded,
        toggle: (event) => {
          this.folded = !event.target.open;
        },
      },
      el("summary", {}, "Definition"),
      inside,
    );
    const fill = (it) => {
      const list = (title, items, item = (one) => said(one)) =>
        items.length
          ? [el("h4", {}, title), el("ul", {}, items.map((one) => el("li", {}, item(one))))]
          : "";
      const flat = (text) => text.replace(/\s+/g, " ").trim();
      inside.replaceChildren(
        it.description && !flat(it.scope).includes(flat(it.description))
          ? el("p", {}, said(it.description))
          : "",
        it.scope ? el("p", {}, said(it.scope)) : "",
        ...[
          list("Key topics", it.topics),
          list("Strictly exclude", it.exclusions),
          list("Other names", it.aliases),
          list("Examples", it.examples, (one) => [
            one.accepted ? "✓ " : "✗ ",
            said(one.title),
            one.note ? [": ", said(one.note)] : "",
          ]),
        ].flat(Infinity),
        el("p", { class: "small muted" }, `A label needs ${pair.minimum.toFixed(2)} here.`),
      );
    };
    if (known) fill(known);
    else
      this.desk.definition(pair.category).then(fill, () => inside.replaceChildren("Not available."));
    return box;
  }

  // In the text, what speaks for the pair that is open.
  light() {
    const n = String(this.at);
    let first = null;
    for (const mark of this.text.querySelectorAll("mark")) {
      const quoted_ = mark.dataset.quote.split(" ").includes(n);
      const named = mark.dataset.mention.split(" ").includes(n);
      mark.classList.toggle("here", quoted_);
      mark.classList.toggle("named", named);
      if (quoted_ && !first) first = mark;
    }
    if (first && this.text.scrollHeight > this.text.clientHeight) {
      const box = first.getBoundingClientRect();
      const pane = this.text.getBoundingClientRect();
      if (box.top < pane.top || box.bottom > pane.bottom)
        this.text.scrollTop += box.top - pane.top - pane.height / 3;
    }
  }

  row(path) {
    const { desk, report, scorer } = this;
    const row = report?.articleAt.get(path);
    const title = desk.titles.get(path) || (row === undefined ? "" : report.titles[row]) || fileName(path);
    const words = [];
    if (desk.sampled.has(path)) words.push("random sample");
    if (row !== undefined) words.push(articleLabels(report, scorer, row) || "no label");
    return el(
      "div",
      {},
      el("span", { class: "title" }, said(title)),
      el("span", { class: "small muted" }, said(words.join(" · ") || path)),
    );
  }

  // --- doing ---------------------------------------------------------------------------------------

  after(path, count) {
    const at = this.items.indexOf(path);
    return this.items.slice(at + 1, at + 1 + count);
  }

  select(n) {
    if (n === this.at && this.state.category) return;
    adjust({ article: this.path, category: this.article.pairs[n].category });
  }

  move(by) {
    const { pairs } = this.article || { pairs: [] };
    const order = pairs.map((_, n) => n).filter((n) => this.isFirst(pairs[n], n));
    const to = order[Math.min(order.length - 1, Math.max(0, order.indexOf(this.at) + by))];
    if (to !== undefined && to !== this.at) this.select(to);
  }

  decide(accepted) {
    const pair = this.article?.pairs[this.at];
    if (pair) this.give(pair, accepted, { on: true });
  }

  // The page moves on at once, and says that it is saving until it is on disk.
  give(pair, accepted, { on = false, note = pair.verdict?.note || "" } = {}) {
    const { article } = this;
    pair.saving = true;
    const { category } = pair;
    this.desk.give([{ path: article.path, category, accepted }], accepted === null ? "" : note);
    if (!on) return;
    const open = article.pairs.findIndex((it, n) => n > this.at && it.asked && !it.verdict && !it.saving);
    const any = article.pairs.findIndex((it) => it.asked && !it.verdict && !it.saving);
    const next = open >= 0 ? open : any;
    if (next >= 0) adjust({ article: article.path, category: article.pairs[next].category });
    else this.step(1);
  }

  changed({ saved, undone, renewed }) {
    if (saved) {
      for (const { path, category } of saved.verdicts)
        for (const pair of this.desk.shown.get(path)?.pairs || [])
          if (pair.category === category) pair.saving = false;
      const failed = this.desk.unsaved.some(({ verdict }) => verdict === saved);
      const words = this.said(saved.verdicts);
      this.status.textContent = failed ? `Not saved: ${words}` : `${words}. Saved.`;
      performance.mark("saved");
    }
    if (undone) {
      this.status.textContent = undone.length ? "Undone." : "Nothing to undo.";
      performance.mark("undone");
    }
    if (renewed) this.drawn = null;
    this.gain.update();
    if (!this.element.isConnected || !this.state) return;
    if (!renewed && this.article) this.drawPairs();
  }

  said(decided) {
    if (decided.length > 1) return `${counted(decided.length, "verdict")}`;
    const [{ category, accepted }] = decided;
    const name = this.desk.names.find((it) => it.category === category)?.title || "";
    return `${accepted === null ? "Withdrawn" : accepted ? "Accepted" : "Rejected"}: ${name}`;
  }

  // One key for the whole article: what is left has the labels that are suggested, and no others.
  confirm() {
    const { article } = this;
    if (!article) return;
    const left = article.pairs.filter((pair) => pair.asked && !pair.verdict && !pair.saving);
    if (left.length) {
      const decided = left.map((pair) => {
        pair.saving = true;
        return { path: article.path, category: pair.category, accepted: pair.suggested };
      });
      this.desk.give(decided, "", true);
    }
    this.step(1);
  }

  step(by) {
    const at = this.items.indexOf(this.path);
    const to = this.items[at + by];
    if (to !== undefined) go({ article: to, category: "" });
    else {
      const words = by > 0 ? "This was the last article of the list." : "This is the first article.";
      this.status.textContent = words;
      this.end.textContent = words;
      this.end.hidden = false;
    }
  }

  async undo() {
    try {
      const [first] = await this.desk.undo();
      if (first) go({ article: first[0], category: first[1] });
    } catch (error) {
      this.status.textContent = `Not undone: ${error.message || error}`;
    }
  }

  note() {
    const pair = this.article?.pairs[this.at];
    if (!pair) return;
    const dialog = byId("ask");
    const field = el("textarea", { rows: "4", maxlength: "2000", name: "note" });
    field.value = pair.verdict?.note || "";
    const save = (accepted) => {
      dialog.close();
      this.give(pair, accepted, { note: field.value.trim(), on: !pair.verdict });
    };
    const button = (accepted, words) =>
      el("button", { type: "button", click: () => save(accepted) }, words);
    dialog.replaceChildren(
      el("h2", {}, "Note on ", said(pair.title)),
      el("label", {}, "Why, in your own words", field),
      el(
        "p",
        { class: "buttons" },
        pair.verdict ? button(pair.verdict.accepted, "Save") : [button(true, "✓ Accept"), button(false, "✗ Reject")],
        el("button", { type: "button", click: () => dialog.close() }, "Cancel"),
      ),
    );
    dialog.showModal();
    field.focus();
  }

  // --- any other category --------------------------------------------------------------------------

  search() {
    const list = el("ul", { class: "hits", role: "listbox", id: "hits", "aria-label": "Categories" });
    const field = el("input", {
      type: "search",
      class: "add",
      role: "combobox",
      placeholder: "Add another category",
      "aria-label": "Add another category",
      "aria-controls": "hits",
      "aria-expanded": "false",
      autocomplete: "off",
      spellcheck: "false",
      input: () => this.hits(field, list, 0),
      keydown: (event) => this.searchKey(event, field, list),
    });
    return el("div", { class: "search" }, field, list);
  }

  hits(field, list, at) {
    const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = wanted.length
      ? this.desk.names.filter((it) => {
          const text = [it.title, it.category, ...it.above, ...it.aliases].join("\n").toLowerCase();
          return wanted.every((word) => text.includes(word));
        })
      : [];
    const begins = (it) => (it.title.toLowerCase().startsWith(wanted[0]) ? 0 : 1);
    this.offered = found.sort((a, b) => begins(a) - begins(b)).slice(0, FOUND);
    this.offeredAt = Math.min(at, this.offered.length - 1);
    list.replaceChildren(
      ...this.offered.map((it, n) =>
        el(
          "li",
          {
            role: "option",
            id: `hit-${n}`,
            "aria-selected": String(n === this.offeredAt),
            click: () => this.add(it.category),
          },
          said(it.title),
          el("span", { class: "small muted" }, " ", said([it.kind, ...it.above].join(" › "))),
        ),
      ),
    );
    field.setAttribute("aria-expanded", String(this.offered.length > 0));
    if (this.offeredAt >= 0) field.setAttribute("aria-activedescendant", `hit-${this.offeredAt}`);
    else field.removeAttribute("aria-activedescendant");
  }

  searchKey(event, field, list) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      this.hits(field, list, Math.max(0, this.offeredAt + by));
    } else if (event.key === "Enter" && this.offered?.[this.offeredAt]) {
      event.preventDefault();
      this.add(this.offered[this.offeredAt].category);
    }
  }

  add(category) {
    const pair = this.article.pairs.find((it) => it.category === category);
    if (!pair) return;
    document.activeElement instanceof HTMLElement && document.activeElement.blur();
    this.give(pair, true);
    adjust({ article: this.path, category });
  }

  find() {
    this.pairs.querySelector(".add")?.focus();
  }

  // --- keys ----------------------------------------------------------------------------------------

  action(key) {
    return {
      a: () => this.decide(true),
      r: () => this.decide(false),
      Enter: () => this.confirm(),
      n: () => this.step(1),
      p: () => this.step(-1),
      u: () => this.undo(),
      i: () => this.note(),
      "+": () => this.find(),
      j: () => this.move(1),
      k: () => this.move(-1),
      ArrowDown: () => this.move(1),
      ArrowUp: () => this.move(-1),
    }[key];
  }
}

// What the verdicts have brought so far, and what can be done with them.
class Gain {
  constructor(desk) {
    this.desk = desk;
    this.words = el("p", { class: "words" });
    this.meter = el("span", { class: "bar", "aria-hidden": "true" }, el("span"));
    this.trouble = el("p", { class: "trouble", role: "alert" });
    this.train = el("button", { type: "button", class: "train", click: () => this.startTraining() }, "Train now");
    this.element = el(
      "div",
      { class: "gain" },
      this.meter,
      this.words,
      el("button", { type: "button", click: () => this.byCategory() }, "By category"),
      this.train,
      el("button", { type: "button", click: () => this.preview() }, "Apply …"),
      this.trouble,
    );
  }

  update() {
    const { desk } = this;
    const [whole] = desk.precision;
    const seen = whole.accepted + whole.rejected;
    const share = seen ? whole.accepted / seen : 0;
    /** @type {HTMLElement} */ (this.meter.firstElementChild).style.width = `${100 * share}%`;
    const { sampled } = whole;
    this.words.replaceChildren(
      el("b", {}, counted(desk.count, "verdict")),
      seen
        ? ` · ${percent(share)} of the ${seen.toLocaleString("en")} suggested labels seen were right`
        : " · no suggested label seen yet",
      sampled
        ? ` · ${percent(sampled.value)} in the random sample (${percent(sampled.interval[0])} to ${percent(sampled.interval[1])})`
        : "",
    );
    const { unsaved } = desk;
    this.trouble.hidden = unsaved.length === 0;
    this.trouble.replaceChildren(
      ...(unsaved.length
        ? [
            `${counted(unsaved.length, "verdict")} not saved: `,
            said(unsaved[0].message),
            " ",
            el("button", { type: "button", click: () => desk.retry() }, "Try again"),
          ]
        : []),
    );
  }

  dialog(title, ...children) {
    const dialog = byId("ask");
    dialog.replaceChildren(
      el("h2", {}, title),
      el("div", {}, children),
      el("p", { class: "buttons" }, el("button", { type: "button", click: () => dialog.close() }, "Close")),
    );
    if (!dialog.open) dialog.showModal();
    return dialog;
  }

  byCategory() {
    const { precision, names } = this.desk;
    const title = new Map(names.map((it) => [it.category, it.title]));
    this.dialog(
      "Suggested labels that were right",
      precision.length > 1
        ? el(
            "ol",
            { class: "bars" },
            precision.slice(1).map(({ category, accepted, rejected }) =>
              el(
                "li",
                {},
                el("span", { class: "name" }, said(title.get(category) || category)),
                bar((10000 * accepted) / (accepted + rejected)),
                el("span", { class: "number" }, `${accepted} of ${accepted + rejected}`),
              ),
            ),
          )
        : el("p", { class: "muted" }, "Nothing was decided yet."),
      el(
        "p",
        { class: "small muted" },
        "Of the labels that the scorer suggests, those you have decided on since it was trained last. Doubtful ones come first, so this is lower than over all articles: the random sample measures that.",
      ),
    );
  }

  async startTraining() {
    this.train.disabled = true;
    try {
      let now = await this.desk.ask("train", {}, { write: true });
      this.train.textContent = "Training …";
      while (now.state === "running") {
        await new Promise((done) => setTimeout(done, 500));
        now = await this.desk.ask("training");
      }
      if (now.state === "done") await this.desk.renew();
      this.trained(now);
    } catch (error) {
      this.trained({ state: "failed", detail: String(error.message || error) });
    } finally {
      this.train.disabled = false;
      this.train.textContent = "Train now";
    }
  }

  trained(now) {
    if (now.state !== "done") {
      this.dialog("Not trained", el("p", {}, said(now.detail || now.state)));
      return;
    }
    const number = (value) => (value === null ? "–" : value.toFixed(3));
    this.dialog(
      "Trained",
      el(
        "p",
        {},
        `Learned from ${counted(now.pairs, "labelled pair")}. ${counted(now.changed, "label")} changed: ${now.labels_before.toLocaleString("en")} before, ${now.labels_after.toLocaleString("en")} now.`,
      ),
      now.kinds.map((kind) =>
        el(
          "p",
          {},
          said(kind.kind),
          `: on held-out articles (of ${kind.articles.toLocaleString("en")}), F1 of the labels ${number(kind.f1_before)} before, ${number(kind.f1_after)} now; average precision ${number(kind.precision_before)} before, ${number(kind.precision_after)} now.`,
        ),
      ),
      now.judged ? "" : el("p", {}, "A language model judges anew only when you run classify."),
    );
  }

  async preview(path = "") {
    try {
      const { files } = await this.desk.ask("preview", path ? { path } : {});
      this.show(files, path);
    } catch (error) {
      this.dialog("Apply", el("p", {}, said(String(error.message || error))));
    }
  }

  show(files, path) {
    const changed = files.filter((file) => file.state === "changed");
    const others = files.filter((file) => !["changed", "unchanged"].includes(file.state));
    const write = async () => {
      try {
        const paths = changed.map((file) => file.path);
        const done = await this.desk.ask("apply", { paths }, { write: true });
        for (const file of paths) this.desk.forget(file);
        this.desk.changed({ renewed: true });
        this.dialog(
          "Applied",
          el("p", {}, `${counted(done.changed.length, "file")} written.`),
          done.refused.map((message) => el("p", { class: "notice" }, said(message))),
        );
      } catch (error) {
        this.dialog("Not applied", el("p", {}, said(String(error.message || error))));
      }
    };
    this.dialog(
      path ? "Apply to this article" : "Apply to the articles with verdicts",
      el(
        "p",
        {},
        changed.length
          ? `${counted(changed.length, "file")} would change, as classify apply writes it.`
          : files.length
            ? "Nothing would change."
            : "No article has a verdict yet.",
      ),
      others.map((file) => el("p", { class: "notice" }, said(file.path), ": ", said(file.message || file.state))),
      changed.map((file) => el("pre", { class: "diff", tabindex: "0" }, diffLines(file.diff))),
      changed.length
        ? el("p", { class: "buttons" }, el("button", { type: "button", class: "accept", click: write }, `Write ${counted(changed.length, "file")}`))
        : "",
    );
  }
}

// What tells files apart: of a bundle, its folder.
function fileName(path) {
  const parts = path.split("/");
  const last = parts.pop() || "";
  return /^_?index\./.test(last) ? parts.pop() || last : last;
}

function diffLines(text) {
  return text.split("\n").map((line) => {
    const kind = line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : "";
    return el("span", { class: kind }, `${line}\n`);
  });
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}
