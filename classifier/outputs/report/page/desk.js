// The server's side of the page: what it asks, and verdicts that count once the server has them.

const TOKEN = new URLSearchParams(location.search).get("token") || "";
const KEPT = 60; // articles kept in memory

class Desk extends Verdicts {
  constructor(start) {
    super();
    this.of = start.of;
    this.names = start.categories;
    /** @type {Map<string, any>} */
    this.definitions = new Map();
    /** @type {Map<string, Promise<any>>} */
    this.articles = new Map();
    /** @type {Map<string, any>} */
    this.shown = new Map();
    /** @type {Map<string, string>} */
    this.titles = new Map();
    /** @type {any[]} */
    this.unsaved = [];
    this.saving = 0;
    this.last = Promise.resolve();
    this.take(start);
    if (start.article) this.keep(start.article);
    window.addEventListener("beforeunload", (event) => {
      if (this.unsaved.length || this.saving) event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.refresh();
    });
  }

  take({ queue, articles, precision, verdicts: count }) {
    if (queue) {
      this.queue = queue.map(([path]) => path);
      this.sampled = new Set(queue.filter(([, sampled]) => sampled).map(([path]) => path));
      this.height = articles;
    }
    if (precision) {
      this.precision = precision;
      this.count = count;
      document.documentElement.dataset.verdicts = String(count);
    }
  }

  async ask(name, values, { write = false } = {}) {
    const query = write || !values ? "" : `?${new URLSearchParams(values)}`;
    const answer = await fetch(`api/${name}${query}`, {
      method: write ? "POST" : "GET",
      headers: { authorization: `Bearer ${TOKEN}` },
      body: write ? JSON.stringify(values || {}) : undefined,
    });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.detail || `the server answered ${answer.status}`);
    return found;
  }

  // --- articles and definitions --------------------------------------------------------------------

  article(path) {
    if (!this.articles.has(path)) {
      const asked = this.ask("article", { path }).then((found) => this.keep(found));
      asked.catch(() => this.articles.delete(path));
      this.articles.set(path, asked);
    }
    return this.articles.get(path);
  }

  keep(found) {
    for (const definition of found.definitions)
      this.definitions.set(definition.category, definition);
    this.titles.set(found.path, found.title);
    this.shown.set(found.path, found);
    this.articles.set(found.path, Promise.resolve(found));
    if (this.shown.size > KEPT) this.forget(this.shown.keys().next().value);
    return found;
  }

  forget(path) {
    this.shown.delete(path);
    this.articles.delete(path);
  }

  async definition(category) {
    if (!this.definitions.has(category))
      this.definitions.set(category, await this.ask("definition", { category }));
    return this.definitions.get(category);
  }

  // --- verdicts ------------------------------------------------------------------------------------

  // One after the other, in the order of the keys; resolved once they are on disk.
  // `whole`: no other category belongs to the article.
  give(decided, note = "", whole = false) {
    const verdict = { verdicts: decided, note, whole };
    this.saving += 1;
    this.changed({ saving: verdict });
    this.last = this.last.then(() => this.send(verdict));
    return this.last;
  }

  async send(verdict) {
    try {
      this.settled(await this.ask("verdicts", verdict, { write: true }));
    } catch (error) {
      this.unsaved.push({ verdict, message: String(error.message || error) });
    } finally {
      this.saving -= 1;
    }
    this.changed({ saved: verdict });
  }

  retry() {
    const again = this.unsaved;
    this.unsaved = [];
    for (const { verdict } of again) this.give(verdict.verdicts, verdict.note, verdict.whole);
  }

  async undo() {
    await this.last;
    const found = await this.ask("undo", {}, { write: true });
    this.settled(found);
    this.changed({ undone: found.undone });
    return found.undone;
  }

  settled(answer) {
    for (const { path, labels, verdicts: given } of answer.changed) {
      this.settle(path, labels, given);
      const article = this.shown.get(path);
      if (!article) continue;
      for (const pair of article.pairs) {
        pair.verdict = given[pair.category] || null;
        pair.label = labels.includes(pair.category);
      }
    }
    this.take(answer);
  }

  // What another tab, or `classify accept`, has stored meanwhile.
  async refresh() {
    try {
      const before = this.count;
      this.take(await this.ask("state"));
      if (this.count !== before) await this.renew();
    } catch {
      /* the server is gone: the next verdict says so */
    }
  }

  // Everything anew: the queue, the articles, and the columns of the whole.
  async renew() {
    this.articles.clear();
    this.shown.clear();
    this.take(await this.ask("queue"));
    if (this.report) this.report = new Report(await this.ask("core"));
    this.changed({ renewed: true });
  }

  async whole() {
    this.report = new Report(await this.ask("core"));
    this.take(await this.ask("queue"));
    return this.report;
  }
}
