// Verdicts that people give on this page. On a server they are stored one by one (desk.js); in a
// report they are kept here until they are saved as a file that `classify verdicts import` takes.

/** @type {any} */
let verdicts = null;

class Verdicts {
  constructor() {
    this.report = null;
    this.listeners = new Set();
  }

  changed(change = {}) {
    for (const listener of this.listeners) listener(change);
  }

  // Keeps the columns of the whole in step with one article: `given` is by category id.
  settle(path, labels, given) {
    const { report } = this;
    const row = report?.articleAt.get(path);
    if (row === undefined) return;
    const has = new Set(labels);
    const first = row * report.width;
    report.categories.forEach(({ id }, column) => {
      const pair = first + column;
      if (Object.hasOwn(given, id)) report.verdictOf.set(pair, given[id]);
      else report.verdictOf.delete(pair);
      report.scorers[0].assign(pair, has.has(id));
    });
  }
}

class SavedVerdicts extends Verdicts {
  constructor(report) {
    super();
    this.report = report;
    this.name = `verdicts-${report.made}`;
    /** @type {Record<string, any>[]} */
    this.log = [];
    this.before = new Map(report.verdictOf);
    this.labels = Uint8Array.from(report.scorers[0].flags, (flag) => flag & LABEL);
    try {
      for (const entry of JSON.parse(memory.read(this.name) || "[]")) this.add(entry);
    } catch {
      /* what is kept there is somebody else's, or damaged */
    }
    this.button = byId("save");
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.save());
    this.show();
  }

  give(decided, note = "") {
    this.add({ decided, note, at: Math.floor(Date.now() / 1000) });
    this.keep();
    return Promise.resolve();
  }

  undo() {
    const last = this.log.pop();
    if (!last) return Promise.resolve([]);
    for (const { path, category } of last.decided) this.recount(path, category);
    this.keep();
    return Promise.resolve(last.decided.map(({ path, category }) => [path, category]));
  }

  add(entry) {
    this.log.push(entry);
    for (const { path, category } of entry.decided) this.recount(path, category);
  }

  // The last verdict on a pair counts; without one, what the report came with.
  recount(path, category) {
    const { report, log } = this;
    const [row, column] = [report.articleAt.get(path), report.categoryAt.get(category)];
    if (row === undefined || column === undefined) return;
    const pair = row * report.width + column;
    /** @param {any} entry */
    const of = (entry) =>
      entry.decided.find((it) => it.path === path && it.category === category);
    const last = log.findLast(of);
    const { note, at } = last || {};
    const accepted = last && of(last).accepted;
    const verdict =
      last === undefined
        ? this.before.get(pair)
        : accepted === null
          ? undefined
          : { accepted, note, source: "this page", at };
    if (verdict) report.verdictOf.set(pair, verdict);
    else report.verdictOf.delete(pair);
    report.scorers[0].assign(pair, verdict ? verdict.accepted : this.labels[pair] > 0);
  }

  keep() {
    memory.write(this.name, JSON.stringify(this.log));
    this.show();
    this.changed();
  }

  rows() {
    const last = new Map();
    for (const { decided, note } of this.log)
      for (const { path: article, category, accepted } of decided)
        last.set(JSON.stringify([article, category]), { article, category, accepted, note });
    return [...last.values()]
      .filter(({ accepted }) => accepted !== null)
      .map(({ accepted, ...rest }) => ({ ...rest, value: accepted ? "accepted" : "rejected" }));
  }

  show() {
    const count = this.rows().length;
    this.button.textContent = count ? `Save ${counted(count, "verdict")}` : "Save verdicts";
    this.button.disabled = count === 0;
  }

  save() {
    const text = this.rows()
      .map((row) => `${JSON.stringify(row)}\n`)
      .join("");
    const address = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = "verdicts.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}

// The buttons of one pair. `verdict` is the one it has; the same button again takes it back.
function verdictButtons({ verdict, title, give }) {
  const button = (accepted, sign, word) => {
    const on = verdict?.accepted === accepted;
    return el(
      "button",
      {
        type: "button",
        class: `verdict ${accepted ? "accept" : "reject"}`,
        "aria-pressed": String(on),
        "aria-label": `${word} ${title}`,
        title: word,
        click: (event) => {
          event.stopPropagation();
          give(on ? null : accepted);
        },
      },
      sign,
    );
  };
  return el(
    "span",
    { class: "verdicts" },
    button(true, "✓", "Accept"),
    button(false, "✗", "Reject"),
  );
}

// The buttons of a pair of the columns.
function pairButtons(report, pair) {
  const article = report.paths[Math.floor(pair / report.width)];
  const { id, title } = report.categories[pair % report.width];
  return verdictButtons({
    verdict: report.verdictOf.get(pair),
    title,
    give: (accepted) => verdicts.give([{ path: article, category: id, accepted }]),
  });
}
