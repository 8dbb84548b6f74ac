// Articles x categories on one canvas, of which only what is in sight is drawn.

const CELL = { height: 18, least: 15, most: 40 };
const HEAD = 150; // pixels for the names of the categories
const STEPS = 100; // of the colour scale

class HeatMap {
  constructor(report) {
    this.report = report;
    this.at = { row: 0, column: 0 };
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.sizer = el("div", { class: "sizer" }, this.canvas);
    this.readout = el("p", { class: "readout", role: "status" });
    this.box = el(
      "div",
      {
        class: "map",
        tabindex: "0",
        role: "application",
        "aria-label":
          "Heat map: arrow keys move, Enter opens the article, s orders by the category",
        scroll: () => this.later(),
        keydown: (event) => this.key(event),
        click: (event) => this.click(event),
        mousemove: (event) => this.hover(event),
        focus: () => this.later(),
        blur: () => this.later(),
      },
      this.sizer,
    );
    this.empty = el("p", { class: "empty" });
    this.element = el(
      "section",
      { class: "view map-view", "aria-label": "Map" },
      this.legend(),
      this.readout,
      this.empty,
      this.box,
    );
    new ResizeObserver(() => this.layout()).observe(this.box);
  }

  legend() {
    const key = (className, words) =>
      el("span", { class: "key" }, el("i", { class: `swatch ${className}` }), words);
    this.scale = el("i", { class: "scale" });
    return el(
      "p",
      { class: "legend" },
      el("span", { class: "key" }, "0", this.scale, "1"),
      key("label", "label"),
      key("verdict", "a person's verdict"),
      key("excluded", "excluded"),
      key("differs", "disagreement"),
      key("unjudged", "not judged"),
    );
  }

  update(state, report, scorer, found) {
    this.state = state;
    this.scorer = scorer;
    this.found = found;
    this.empty.textContent =
      found.rows.length && found.columns.length ? "" : "Nothing matches the filters.";
    this.empty.hidden = this.empty.textContent === "";
    this.box.hidden = !this.empty.hidden;
    this.at.row = Math.min(this.at.row, Math.max(0, found.rows.length - 1));
    this.at.column = Math.min(this.at.column, Math.max(0, found.columns.length - 1));
    this.layout();
  }

  // Colours come from the style sheet, so that they follow the theme.
  paints() {
    const of = (name) => {
      this.canvas.style.color = `var(--${name})`;
      return getComputedStyle(this.canvas).color;
    };
    const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
    const [from, to] = [numbers(of("cell")), numbers(of("heat"))];
    this.heat = Array.from({ length: STEPS + 1 }, (_, n) => {
      const share = (n / STEPS) ** 0.9;
      return `rgb(${[0, 1, 2].map((i) => Math.round(from[i] + (to[i] - from[i]) * share)).join(", ")})`;
    });
    this.paint = Object.fromEntries(
      ["paper", "ink", "muted", "line", "warn", "faint"].map((name) => [name, of(name)]),
    );
    this.scale.style.background = `linear-gradient(to right, ${this.heat[0]}, ${this.heat[STEPS / 2]}, ${this.heat[STEPS]})`;
  }

  layout() {
    if (!this.found || !this.element.isConnected) return;
    const { found, box } = this;
    this.paints();
    if (!box.clientWidth) return;
    this.left = Math.round(Math.min(300, Math.max(110, box.clientWidth * 0.26)));
    const room = (box.clientWidth - this.left - 12) / Math.max(1, found.columns.length);
    this.cell = Math.min(CELL.most, Math.max(CELL.least, room));
    this.sizer.style.width = `${this.left + found.columns.length * this.cell + 12}px`;
    this.sizer.style.height = `${HEAD + found.rows.length * CELL.height + 12}px`;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = box.clientWidth * scale;
    this.canvas.height = box.clientHeight * scale;
    this.canvas.style.width = `${box.clientWidth}px`;
    this.canvas.style.height = `${box.clientHeight}px`;
    this.draw();
    this.tell();
  }

  later() {
    if (!this.waiting) this.waiting = requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.waiting = 0;
    if (!this.paint) return;
    const { box, found, left, cell } = this;
    const pen = this.canvas.getContext("2d");
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [box.clientWidth, box.clientHeight];
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = this.paint.paper;
    pen.fillRect(0, 0, width, height);
    const firstRow = Math.floor(box.scrollTop / CELL.height);
    const lastRow = Math.min(
      found.rows.length,
      Math.ceil((box.scrollTop + height - HEAD) / CELL.height),
    );
    const firstColumn = Math.floor(box.scrollLeft / cell);
    const lastColumn = Math.min(
      found.columns.length,
      Math.ceil((box.scrollLeft + width - left) / cell),
    );
    pen.save();
    pen.beginPath();
    pen.rect(left, HEAD, width - left, height - HEAD);
    pen.clip();
    for (let row = firstRow; row < lastRow; row++) {
      for (let column = firstColumn; column < lastColumn; column++) this.drawCell(pen, row, column);
    }
    if (document.activeElement === box) this.drawFocus(pen);
    pen.restore();
    this.drawTitles(pen, firstRow, lastRow, height);
    this.drawNames(pen, firstColumn, lastColumn, width);
  }

  x(column) {
    return this.left + column * this.cell - this.box.scrollLeft;
  }

  y(row) {
    return HEAD + row * CELL.height - this.box.scrollTop;
  }

  drawCell(pen, row, column) {
    const { report, scorer, found, cell, paint } = this;
    const pair = found.rows[row] * report.width + found.columns[column];
    const [x, y, width, height] = [this.x(column), this.y(row), cell - 1, CELL.height - 1];
    const value = scorer.confidence[pair];
    const flag = scorer.flags[pair];
    pen.globalAlpha = found.match[pair] ? 1 : 0.12;
    if (value < 0) {
      pen.fillStyle = paint.faint;
      pen.fillRect(x + width / 2 - 1, y + height / 2 - 1, 2, 2);
    } else {
      pen.fillStyle = this.heat[Math.floor(value / (10000 / STEPS))];
      pen.fillRect(x, y, width, height);
    }
    if (flag & EXCLUDED) line(pen, paint.muted, x + 3, y + height - 3, x + width - 3, y + 3);
    if (flag & LABEL) frame(pen, paint.ink, x, y, width, height, 1.5);
    const verdict = report.verdictOf.get(pair);
    if (verdict) corner(pen, paint.ink, x + width, y);
    if (this.state.differs && found.match[pair] && !found.everything)
      frame(pen, paint.warn, x, y, width, height, 2.5);
    pen.globalAlpha = 1;
  }

  drawFocus(pen) {
    const [x, y] = [this.x(this.at.column), this.y(this.at.row)];
    frame(pen, this.paint.paper, x - 2, y - 2, this.cell + 3, CELL.height + 3, 4);
    frame(pen, this.paint.warn, x - 2, y - 2, this.cell + 3, CELL.height + 3, 2);
  }

  drawTitles(pen, first, last, height) {
    const { report, found, left, paint } = this;
    pen.save();
    pen.beginPath();
    pen.rect(0, HEAD, left - 8, height - HEAD);
    pen.clip();
    pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    pen.textBaseline = "middle";
    for (let row = first; row < last; row++) {
      pen.fillStyle = row === this.at.row ? paint.ink : paint.muted;
      pen.fillText(
        fitted(pen, report.titles[found.rows[row]], left - 16),
        0,
        this.y(row) + CELL.height / 2,
      );
    }
    pen.restore();
  }

  drawNames(pen, first, last, width) {
    const { report, found, left, cell, paint } = this;
    pen.save();
    pen.beginPath();
    pen.rect(left, 0, width - left, HEAD);
    pen.clip();
    pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    pen.textBaseline = "middle";
    for (let column = first; column < last; column++) {
      const category = report.categories[found.columns[column]];
      const before = column && report.categories[found.columns[column - 1]];
      if (before && before.kind !== category.kind)
        line(pen, paint.line, this.x(column), 0, this.x(column), HEAD);
      pen.save();
      pen.translate(this.x(column) + cell / 2, HEAD - 6);
      pen.rotate(-Math.PI / 2);
      pen.fillStyle =
        column === this.at.column || category.id === this.state.sort ? paint.ink : paint.muted;
      pen.fillText(fitted(pen, category.title, HEAD - 12), 0, 0);
      pen.restore();
    }
    pen.restore();
  }

  // The place under the mouse; -1 is the titles' or the names' own side.
  place(event) {
    const { left, top } = this.box.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const column =
      x < this.left ? -1 : Math.floor((x - this.left + this.box.scrollLeft) / this.cell);
    const row = y < HEAD ? -1 : Math.floor((y - HEAD + this.box.scrollTop) / CELL.height);
    return row < this.found.rows.length && column < this.found.columns.length
      ? { row, column }
      : null;
  }

  hover(event) {
    const place = this.place(event);
    this.box.style.cursor = place && (place.row >= 0 || place.column >= 0) ? "pointer" : "";
    if (!place || place.row < 0 || place.column < 0) return;
    this.at = place;
    this.tell();
    this.later();
  }

  click(event) {
    const place = this.place(event);
    if (!place) return;
    if (place.row < 0 && place.column >= 0) this.sortBy(place.column);
    else if (place.row >= 0) this.open(place);
  }

  sortBy(column) {
    const name = this.report.categories[this.found.columns[column]].id;
    adjust({ sort: this.state.sort === name ? "path" : name });
  }

  open({ row, column }) {
    const category = column < 0 ? "" : this.report.categories[this.found.columns[column]].id;
    go({ view: "articles", article: this.report.paths[this.found.rows[row]], category });
  }

  key(event) {
    const page = Math.max(1, Math.floor((this.box.clientHeight - HEAD) / CELL.height) - 1);
    const steps = {
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      PageDown: [page, 0],
      PageUp: [-page, 0],
      Home: [0, -Infinity],
      End: [0, Infinity],
    };
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    if (event.key === "Enter") this.open(this.at);
    else if (event.key === "s") this.sortBy(this.at.column);
    else if (event.key in steps) this.move(...steps[event.key]);
    else return;
    event.preventDefault();
  }

  move(down, right) {
    const { found, box, cell, left } = this;
    const within = (value, length) => Math.min(length - 1, Math.max(0, value));
    this.at = {
      row: within(this.at.row + down, found.rows.length),
      column: within(this.at.column + right, found.columns.length),
    };
    const [x, y] = [this.at.column * cell, this.at.row * CELL.height];
    if (y < box.scrollTop) box.scrollTop = y;
    if (y + CELL.height > box.scrollTop + box.clientHeight - HEAD)
      box.scrollTop = y + CELL.height - box.clientHeight + HEAD;
    if (x < box.scrollLeft) box.scrollLeft = x;
    if (x + cell > box.scrollLeft + box.clientWidth - left)
      box.scrollLeft = x + cell - box.clientWidth + left;
    this.later();
    this.tell();
  }

  tell() {
    const { report, scorer, found, at } = this;
    if (!found.rows.length || !found.columns.length) {
      this.readout.replaceChildren();
      return;
    }
    const [article, column] = [found.rows[at.row], found.columns[at.column]];
    const pair = article * report.width + column;
    this.readout.replaceChildren(
      el("b", { class: "number" }, digits(scorer.confidence[pair])),
      ` ${scorer.levelName(pair)}: `,
      said(report.categories[column].title),
      el("span", { class: "muted" }, ` (${report.categories[column].kind})`),
      " on ",
      said(report.titles[article]),
      marks(report, scorer, pair),
    );
  }
}

function line(pen, colour, x0, y0, x1, y1) {
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

function frame(pen, colour, x, y, width, height, thickness) {
  pen.strokeStyle = colour;
  pen.lineWidth = thickness;
  pen.strokeRect(x + thickness / 2, y + thickness / 2, width - thickness, height - thickness);
}

function corner(pen, colour, x, y) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(x - 7, y);
  pen.lineTo(x, y);
  pen.lineTo(x, y + 7);
  pen.fill();
}

function fitted(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let [short, long] = [0, Math.min(text.length, 200)];
  while (short < long) {
    const middle = Math.ceil((short + long) / 2);
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= width) short = middle;
    else long = middle - 1;
  }
  return `${text.slice(0, short).trimEnd()}…`;
}
