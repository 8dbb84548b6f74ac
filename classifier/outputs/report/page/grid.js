// Many articles of a category at once: choose some, one by one or from here to there, and decide.

class Choice {
  constructor(decide) {
    this.chosen = new Set();
    this.order = [];
    this.boxes = new Map();
    this.last = -1;
    this.words = el("span", { class: "number", role: "status" });
    const button = (accepted, word) =>
      el(
        "button",
        { type: "button", class: accepted ? "accept" : "reject", click: () => this.decide(accepted) },
        word,
      );
    this.bar = el(
      "div",
      { class: "choice", role: "group", "aria-label": "Chosen articles" },
      this.words,
      button(true, "Accept"),
      button(false, "Reject"),
      el("button", { type: "button", click: () => this.choose([]) }, "None"),
    );
    this.given = decide;
  }

  // A new list to choose from, in the order in which it is shown.
  offer(pairs) {
    this.order = pairs;
    this.chosen = new Set(pairs.filter((pair) => this.chosen.has(pair)));
    this.boxes = new Map();
    this.last = -1;
    this.show();
  }

  box(pair, title) {
    const box = el("input", {
      type: "checkbox",
      class: "choose",
      "aria-label": `Choose ${title}`,
      click: (event) => this.toggle(pair, event),
    });
    box.checked = this.chosen.has(pair);
    this.boxes.set(pair, box);
    return box;
  }

  toggle(pair, event) {
    const at = this.order.indexOf(pair);
    const on = event.target.checked;
    const [from, to] =
      event.shiftKey && this.last >= 0
        ? [Math.min(at, this.last), Math.max(at, this.last)]
        : [at, at];
    for (const each of this.order.slice(from, to + 1)) {
      if (on) this.chosen.add(each);
      else this.chosen.delete(each);
    }
    this.last = at;
    this.show();
  }

  choose(pairs) {
    this.chosen = new Set(pairs);
    this.show();
  }

  show() {
    for (const [pair, box] of this.boxes) box.checked = this.chosen.has(pair);
    this.words.textContent = this.chosen.size ? `${this.chosen.size} chosen` : "";
    this.bar.hidden = this.chosen.size === 0;
  }

  decide(accepted) {
    const pairs = this.order.filter((pair) => this.chosen.has(pair));
    this.choose([]);
    this.given(pairs, accepted);
  }
}

// The minimum as a line over the histogram, that asks the server what another one would change.
class Threshold {
  constructor({ column, report, scorer, line, width }) {
    const { id, kind } = report.categories[column];
    this.id = id;
    this.kind = kind;
    this.line = line;
    this.width = width;
    this.busy = false;
    this.now = scorer.minimums[column] / 10000;
    this.range = el("input", {
      type: "range",
      min: "0",
      max: "1",
      step: "0.01",
      value: String(this.now),
      "aria-label": "Minimum to try",
      input: () => this.moved(),
    });
    this.words = el("output", { class: "small" }, "Drag to see what another minimum would change.");
    this.element = el("div", { class: "threshold" }, this.range, this.words);
    this.range.style.width = `${width}px`;
  }

  get value() {
    return Number(this.range.value);
  }

  moved() {
    const x = String(this.value * this.width);
    this.line.setAttribute("x1", x);
    this.line.setAttribute("x2", x);
    this.ask();
  }

  async ask() {
    if (this.busy) return;
    this.busy = true;
    const value = this.range.value;
    try {
      const change = await verdicts.ask("threshold", { category: this.id, minimum: value });
      this.tell(change);
    } catch (error) {
      this.words.textContent = String(error.message || error);
    } finally {
      this.busy = false;
    }
    if (this.range.value !== value) this.ask();
  }

  tell({ minimum, labels, added, removed, others }) {
    const total = added + removed + others;
    this.words.replaceChildren(
      el("b", {}, `At ${minimum.toFixed(2)}: ${counted(labels, "label")}`),
      total
        ? `, ${counted(total, "label")} would change (${added} added, ${removed} removed` +
            `${others ? `, ${others} of other categories` : ""}).`
        : ", none would change.",
      " To keep it for all of this kind, in classify.toml: ",
      el("code", {}, `[rules.${this.kind}] minimum = ${minimum.toFixed(2)}`),
    );
  }
}
