// The data, as columns. A pair is article * categories + category; confidences are ten-thousandths.

const LABEL = 1;
const EXCLUDED = 2;
const REACHES = 4;
const NEAR = 8;
const LEVEL_SHIFT = 4;

async function unpacked(id) {
  const holder = byId(id);
  const bytes = Uint8Array.from(atob(holder.textContent), (letter) => letter.charCodeAt(0));
  holder.remove();
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

class Report {
  categories = [];
  fields = [];
  of = [];
  made = 0;

  constructor(core) {
    Object.assign(this, core);
    this.paths = core.articles.paths;
    this.titles = core.articles.titles.map((title, n) => title || this.paths[n]);
    this.height = this.paths.length;
    this.width = this.categories.length;
    this.pairs = this.height * this.width;
    this.kinds = [...new Set(this.categories.map((category) => category.kind))];
    this.haystack = this.paths.map((path, n) => `${this.titles[n]}\n${path}`.toLowerCase());
    this.names = this.categories.map((category) =>
      `${category.title}\n${category.id}`.toLowerCase(),
    );
    this.scorers = core.scorers.map((scorer) => new Scorer(scorer, this, core.scorers));
    this.verdictOf = new Map(
      core.verdicts.map(([pair, accepted, note, source, at]) => [
        pair,
        { accepted: accepted === 1, note, source, at },
      ]),
    );
    this.gold = new Int8Array(this.pairs);
    for (const pair of core.gold.yes) this.gold[pair] = 1;
    for (const pair of core.gold.no) this.gold[pair] = -1;
    this.order = this.paths
      .map((_, row) => row)
      .sort((a, b) => (this.paths[a] < this.paths[b] ? -1 : 1));
    // By place in the queue of a review; articles that are not in it come last.
    this.place = new Map((core.queue || []).map((row, n) => [row, n]));
    this.articleAt = firsts(this.paths);
    this.categoryAt = firsts(this.categories.map((category) => category.id));
    this.texts = null;
  }

  // Reasoning, evidence and the rest come after the first sight.
  explain(details) {
    this.texts = details.texts;
    this.packs = details.packs;
    details.scorers.forEach((columns, n) => {
      this.scorers[n].columns = columns;
      this.scorers[n].explained = new Map((columns.pair || []).map((pair, row) => [pair, row]));
    });
  }

  // Who differs from a scorer about a pair: "verdict", "field", or the place of another scorer.
  differs(scorer, pair, from) {
    const mine = (scorer.flags[pair] & LABEL) !== 0;
    if (scorer.confidence[pair] < 0) return false;
    if (from === "field") return this.gold[pair] !== 0 && mine !== this.gold[pair] > 0;
    if (from === "verdict") {
      const verdict = this.verdictOf.get(pair);
      return verdict !== undefined && verdict.accepted !== ((scorer.flags[pair] & REACHES) !== 0);
    }
    const other = this.scorers[from];
    return other.confidence[pair] >= 0 && mine !== ((other.flags[pair] & LABEL) !== 0);
  }

  // [value, words] of all that the report can compare a scorer with.
  comparisons(scorer) {
    return [
      ...(this.verdictOf.size ? [["verdict", "people's verdicts"]] : []),
      ...(this.fields.length ? [["field", `front matter (${this.fields.join(", ")})`]] : []),
      ...this.scorers.flatMap((other, n) => (other === scorer ? [] : [[String(n), other.name]])),
    ];
  }
}

// A list of numbers, or base64 of them (little-endian), as a server sends long ones.
function column(values, Kind) {
  if (typeof values !== "string") return Kind.from(values);
  return new Kind(Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0)).buffer);
}

class Scorer {
  constructor(core, report, all) {
    Object.assign(this, core);
    this.report = report;
    this.confidence = column(core.confidence, Int16Array);
    this.flags = column(core.flags, Uint8Array);
    this.needed = column(core.needed, Int16Array);
    this.minimums = core.minimums;
    this.name = named(
      core.identity,
      all.map((scorer) => scorer.identity),
    );
    this.columns = null;
    this.explained = new Map();
    this.failed = new Map();
    for (const [row, reason, message, missing] of core.failures) {
      this.failed.set(row, [...(this.failed.get(row) || []), { reason, message, missing }]);
    }
    this.labels = new Int32Array(report.height);
    this.best = new Int16Array(report.height).fill(-1);
    this.assigned = new Int32Array(report.width);
    this.near = new Int32Array(report.width);
    this.judged = 0;
    this.levels = report.levels.map(() => 0);
    for (let pair = 0, row = 0; row < report.height; row++) {
      for (let column = 0; column < report.width; column++, pair++) {
        const flag = this.flags[pair];
        if (flag & LABEL) {
          this.labels[row]++;
          this.assigned[column]++;
        }
        if (flag & NEAR) this.near[column]++;
        if (this.confidence[pair] < 0) continue;
        this.judged++;
        this.levels[this.level(pair)]++;
        this.best[row] = Math.max(this.best[row], this.confidence[pair]);
      }
    }
  }

  // What a person decides: it is a label, or is none.
  assign(pair, on) {
    if (((this.flags[pair] & LABEL) !== 0) === on) return;
    const by = on ? 1 : -1;
    this.flags[pair] ^= LABEL;
    this.labels[Math.floor(pair / this.report.width)] += by;
    this.assigned[pair % this.report.width] += by;
  }

  // What the pair's confidence must reach: the minimum of its category, or what the site profile
  // asks of its article.
  minimumOf(pair) {
    return this.needed.length ? this.needed[pair] : this.minimums[pair % this.report.width];
  }

  level(pair) {
    return this.flags[pair] >> LEVEL_SHIFT;
  }

  levelName(pair) {
    return this.confidence[pair] < 0 ? "not judged" : this.report.levels[this.level(pair)];
  }

  // What is known beyond the number; null where nothing was kept, or is not unpacked yet.
  detail(pair) {
    const row = this.explained.get(pair);
    if (row === undefined) return null;
    const { columns, report } = this;
    const text = (number) => (number < 0 ? "" : report.texts[number]);
    const aspects = [];
    for (let n = 0; n < columns.aspects[row].length; n += 2) {
      aspects.push([text(columns.aspects[row][n]), columns.aspects[row][n + 1]]);
    }
    return {
      why: text(columns.why[row]),
      reasoning: text(columns.reasoning[row]),
      exclusion: text(columns.exclusion[row]),
      kind: text(columns.kind[row]),
      raw: columns.raw[row],
      aspects,
      evidence: columns.evidence[row].map(([quote, before, after]) => ({
        quote: text(quote),
        verified: before !== undefined,
        before: text(before ?? -1),
        after: text(after ?? -1),
      })),
      pack: columns.pack[row] < 0 ? [] : report.packs[columns.pack[row]],
      at: columns.at[row],
    };
  }
}

// An identity is "kind:model:digest"; the digest is told where nothing else tells two of them apart.
function named(identity, all) {
  const parts = (text) => {
    const [kind, ...rest] = text.split(":");
    return [kind, rest.slice(0, -1).join(":"), (rest.at(-1) || "").slice(0, 8)];
  };
  const [kind, model, digest] = parts(identity);
  const alike = all.filter((other) => parts(other)[0] === kind && parts(other)[1] === model);
  return [kind, alike.length > 1 ? digest : "", model && `(${model})`].filter(Boolean).join(" ");
}

function firsts(names) {
  const places = new Map();
  names.forEach((name, n) => {
    if (!places.has(name)) places.set(name, n);
  });
  return places;
}
