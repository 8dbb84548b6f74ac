// A long list of which only what is in sight is in the document.

const BEYOND = 6; // rows kept above and below what is in sight

class LongList {
  // `row(item, chosen)` returns an element; `choose(item)` is called for a click, Enter or an arrow key.
  constructor({ label, height, row, choose }) {
    this.height = height;
    this.row = row;
    this.choose = choose;
    this.items = [];
    this.at = -1;
    this.drawn = "";
    this.spacer = el("div", { class: "spacer", role: "presentation" });
    this.element = el(
      "div",
      {
        class: "list",
        role: "listbox",
        tabindex: "0",
        "aria-label": label,
        scroll: () => this.draw(),
        keydown: (event) => this.key(event),
        click: (event) => this.click(event),
      },
      this.spacer,
    );
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  update(items, chosen) {
    this.items = items;
    this.at = items.indexOf(chosen);
    this.spacer.style.height = `${items.length * this.height}px`;
    this.drawn = "";
    if (this.at >= 0) this.reveal();
    this.draw();
  }

  reveal() {
    const { element, height, at } = this;
    const top = at * height;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + height > element.scrollTop + element.clientHeight)
      element.scrollTop = top + height - element.clientHeight;
  }

  draw() {
    const { element, height, items } = this;
    const first = Math.max(0, Math.floor(element.scrollTop / height) - BEYOND);
    const last = Math.min(
      items.length,
      Math.ceil((element.scrollTop + element.clientHeight) / height) + BEYOND,
    );
    const now = `${first} ${last} ${this.at}`;
    if (now === this.drawn) return;
    this.drawn = now;
    const rows = [];
    for (let n = first; n < last; n++) {
      const node = this.row(items[n], n === this.at);
      node.classList.add("row");
      node.style.transform = `translateY(${n * height}px)`;
      node.style.height = `${height}px`;
      node.id = `row-${n}`;
      node.dataset.at = n;
      node.setAttribute("role", "option");
      node.setAttribute("aria-posinset", n + 1);
      node.setAttribute("aria-setsize", items.length);
      node.setAttribute("aria-selected", n === this.at);
      rows.push(node);
    }
    this.spacer.replaceChildren(...rows);
    if (this.at >= first && this.at < last)
      element.setAttribute("aria-activedescendant", `row-${this.at}`);
    else element.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1);
    const step = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    }[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.step(step);
  }

  step(by) {
    if (!this.items.length) return;
    const to =
      this.at < 0 && Math.abs(by) === 1
        ? 0
        : Math.min(this.items.length - 1, Math.max(0, this.at + by));
    if (to !== this.at) this.choose(this.items[to], { stepping: true });
  }

  click(event) {
    const node = event.target.closest("[data-at]");
    if (node) this.choose(this.items[Number(node.dataset.at)], { stepping: false });
  }
}
