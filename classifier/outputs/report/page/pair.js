// One judgement, as people read it.

// Short words for what is special about a pair.
function marks(report, scorer, pair) {
  const flag = scorer.flags[pair];
  const verdict = report.verdictOf.get(pair);
  const words = [];
  if (flag & LABEL) words.push(["mark label", "label"]);
  if (flag & EXCLUDED) words.push(["mark", "excluded"]);
  if (verdict)
    words.push(["mark", verdict.accepted ? "accepted by a person" : "rejected by a person"]);
  if (report.differs(scorer, pair, "verdict")) words.push(["mark warn", "the scorer disagrees"]);
  if (report.differs(scorer, pair, "field"))
    words.push([
      "mark warn",
      report.gold[pair] > 0 ? "in the front matter, not assigned" : "not in the front matter",
    ]);
  report.scorers.forEach((other, n) => {
    if (other !== scorer && report.differs(scorer, pair, n))
      words.push([
        "mark warn",
        other.flags[pair] & LABEL ? `${other.name} assigns it` : `${other.name} does not assign it`,
      ]);
  });
  return words.map(([className, text]) => [" ", el("span", { class: className }, text)]);
}

// `name` is what stands before the numbers: a category on an article's page, or the reverse.
function heading(report, scorer, pair, name) {
  const value = scorer.confidence[pair];
  return el(
    "div",
    { class: "head" },
    el("span", { class: "name" }, name, marks(report, scorer, pair)),
    bar(value, value < 0 ? "" : `level-${scorer.level(pair)}`),
    el("span", { class: "number" }, digits(value)),
    el("span", { class: "level-name" }, scorer.levelName(pair)),
    scorer === report.scorers[0] ? pairButtons(report, pair) : "",
  );
}

function judgement(report, scorer, pair, name, { open = false } = {}) {
  const detail = scorer.detail(pair);
  const verdict = report.verdictOf.get(pair);
  return el(
    "li",
    { class: "judgement", "data-pair": pair },
    heading(report, scorer, pair, name),
    others(report, scorer, pair),
    verdict?.note &&
      el("p", {}, verdict.accepted ? "Accepted: " : "Rejected: ", said(verdict.note)),
    detail && [
      detail.why && !verdict ? el("p", { class: "why" }, said(detail.why)) : "",
      detail.exclusion && !detail.why.includes(detail.exclusion)
        ? el("p", { class: "why" }, "Excluded: ", said(detail.exclusion))
        : "",
      detail.reasoning ? el("p", { class: "reasoning" }, said(detail.reasoning)) : "",
      detail.evidence.map(quoted),
      provenance(report, scorer, pair, detail, verdict, open),
    ],
  );
}

function others(report, scorer, pair) {
  if (report.scorers.length < 2) return null;
  const told = report.scorers
    .filter((other) => other !== scorer)
    .map(
      (other) =>
        `${other.name} ${digits(other.confidence[pair])}${other.flags[pair] & LABEL ? ", label" : ""}`,
    );
  return el("p", { class: "why number" }, told.join("; "));
}

function quoted({ quote, verified, before, after }) {
  return el(
    "blockquote",
    { dir: "auto" },
    before ? el("span", { class: "around" }, before, " ") : "",
    el("mark", {}, quote),
    after ? el("span", { class: "around" }, " ", after) : "",
    verified ? "" : el("span", { class: "mark warn" }, " not found in the article"),
  );
}

function provenance(report, scorer, pair, detail, verdict, open) {
  const article = Math.floor(pair / report.width);
  const model = scorer.models[article];
  const rows = [
    ["Scorer", scorer.identity],
    ["Model", model < 0 ? "" : report.texts[model]],
    ["Judged", date(detail.at)],
    ["Confidence", detail.raw < 0 ? detail.kind : `calibrated from ${digits(detail.raw)}`],
    ["Needed", digits(scorer.minimumOf(pair))],
    ["Aspects", detail.aspects.map(([name, value]) => `${name} ${digits(value)}`).join(", ")],
    ["Same call", detail.pack.map((column) => report.categories[column].title).join(", ")],
    [
      "Verdict",
      verdict
        ? [verdict.accepted ? "accepted" : "rejected", date(verdict.at), verdict.source]
            .filter(Boolean)
            .join(", ")
        : "",
    ],
  ];
  return el(
    "details",
    { class: "provenance", open },
    el("summary", {}, "How it was judged"),
    el(
      "dl",
      {},
      rows
        .filter(([, text]) => text)
        .map(([term, text]) => [el("dt", {}, term), el("dd", {}, said(text))]),
    ),
  );
}
