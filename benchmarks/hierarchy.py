"""What a tree of categories does to labels: the rules of `hierarchy` beside flat categories.

    python benchmarks/hierarchy.py --data ../shared/data

On sets with real parents: arXiv's groups (cs, math, ...), those of 20 Newsgroups (comp, rec, ...),
and the groups of codes of Reuters-21578 (energy, currencies, commodities, economic indicators). The
parents become categories with a name of their own; gold labels are those of the set, all of
them leaves. Judged once by the embedded scorer as it is shipped, whose head has seen these sets in
training, then decided by each rule; so compare the rows, not with other papers. F1 is of the labels
as such, so a parent is always a wrong one; hierarchical F1 (Kiritchenko et al. 2006) is of labels
and gold with all that are above them. `articles` says how many got a label.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifier import hierarchy
from classifier.decisions import decide
from classifier.evaluation.evaluate import ancestry
from classifier.evaluation.metrics import Scored, hierarchical_f1, hits, unit_weights
from classifier.models import (
    Article,
    Category,
    HierarchyRule,
    Instructions,
    Judgement,
    Rule,
    Task,
    Taxonomy,
)
from classifier.scorers.embedded.scorer import EmbeddedScorer

GROUPS = {
    "arxiv": {
        "astro-ph": "Astrophysics",
        "cond-mat": "Condensed Matter Physics",
        "cs": "Computer Science",
        "econ": "Economics",
        "eess": "Electrical Engineering and Systems Science",
        "math": "Mathematics",
        "nlin": "Nonlinear Sciences",
        "physics": "Physics",
        "q-bio": "Quantitative Biology",
        "q-fin": "Quantitative Finance",
        "stat": "Statistics",
    },
    "newsgroups20": {
        "comp": "Computers",
        "rec": "Recreation",
        "sci": "Science",
        "talk": "Debates",
        "soc": "Society",
    },
    "reuters": {
        "energy": "Energy",
        "currency": "Currencies",
        "economy": "Economic Indicators",
        "commodity": "Commodities",
    },
}
REUTERS = {
    "energy": "crude fuel gas heat jet naphtha nat-gas pet-chem propane",
    "currency": "austdlr can cruzado dfl dkr dlr dmk lit nkr nzdlr peseta rand ringgit rupiah"
    " saudriyal sfr skr stg yen",
    "economy": "bop cpi cpu gnp housing income instal-debt inventories ipi jobs lei money-supply"
    " reserves retail trade wpi",
    "": "acq earn interest money-fx ship",
}
"""By group, as in the set's list of codes. All others are commodities."""
REUTERS_GROUPS = {name: group for group, names in REUTERS.items() for name in names.split()}


def of_three(confidences: Iterable[float]) -> float:
    return every(sorted(confidences)[-3:])


def every(confidences: Iterable[float]) -> float:
    return 1 - math.prod(1 - value for value in confidences)


independent = hierarchy.combined
VARIANTS: tuple[tuple[str, HierarchyRule, Callable[[Iterable[float]], float]], ...] = (
    ("leaf", "leaf", independent),
    ("with parents", "with parents", independent),
    ("best level", "best level", independent),
    ("best level, all children", "best level", every),
    ("best level, three surest", "best level", of_three),
    ("best level, the surest", "best level", max),
)


def tree(folder: Path, groups: dict[str, str]) -> tuple[Category, ...]:
    parents = [Category(id=f"t/{key}", kind="t", title=title) for key, title in groups.items()]
    children = []
    for label in json.loads((folder / "labels.json").read_text(encoding="utf-8")):
        group, _, rest = label["name"].partition(".")
        if folder.name == "reuters":
            group, rest = REUTERS_GROUPS.get(group, "commodity"), group
        title = label["title"] if label["title"] != label["name"] else rest.replace(".", " ")
        # A group of one has no parent: arXiv's hep-th stands beside its groups.
        children.append(
            Category(
                id=f"t/{label['name']}",
                kind="t",
                title=title or group,
                description=label["description"],
                instructions=Instructions(scope=label["description"]),
                parents=(f"t/{group}",) if group in groups and rest else (),
            )
        )
    return (*parents, *children)


def articles(folder: Path, count: int) -> list[dict[str, Any]]:
    lines = (folder / "docs.jsonl").read_text(encoding="utf-8").splitlines()
    found = [line for line in map(json.loads, lines) if line["labels"]]
    return random.Random(0).sample(found, min(count, len(found)))


def judge(
    some: Sequence[dict[str, Any]], categories: tuple[Category, ...]
) -> list[tuple[Judgement, ...]]:
    tasks = [
        Task(Article(id=each["id"], title=each["title"], body=each["text"]), categories)
        for each in some
    ]
    return [outcome.judgements for outcome in EmbeddedScorer().score(tasks)]


def row(
    name: str,
    judged: Sequence[Sequence[Judgement]],
    taxonomy: Taxonomy,
    place: dict[str, int],
    truth: np.ndarray,
    above: np.ndarray,
) -> str:
    """Decide and measure; what is not in `taxonomy` is never a label."""
    known = {category.id for category in taxonomy.categories}
    assigned = np.zeros(truth.shape, dtype=bool)
    for line, judgements in zip(assigned, judged, strict=True):
        for label in decide([j for j in judgements if j.category in known], taxonomy).labels:
            line[place[label.category.id]] = True
    scored = Scored(
        confidence=np.zeros(truth.shape), truth=truth, judged=np.ones_like(truth), assigned=assigned
    )
    right, wrong, missed = (part.sum() for part in hits(scored, assigned))
    f1 = 2 * right / max(1, 2 * right + wrong + missed)
    both = float(hierarchical_f1(scored, above, unit_weights(len(truth)))[0])
    got = int(assigned.any(axis=1).sum())
    return f"  {name:26}{f1:8.3f}{both:8.3f}{got:10,}{int(assigned.sum()):9,}"


def report(
    categories: tuple[Category, ...],
    some: Sequence[dict[str, Any]],
    judged: Sequence[Sequence[Judgement]],
    minimum: float,
) -> None:
    place = {category.id: n for n, category in enumerate(categories)}
    truth = np.zeros((len(some), len(categories)), dtype=bool)
    for line, article in zip(truth, some, strict=True):
        line[[place[f"t/{label}"] for label in article["labels"]]] = True
    above = ancestry(categories)
    broader = {parent for category in categories for parent in category.parents}
    leaves = tuple(category for category in categories if category.id not in broader)
    flat = Taxonomy(categories=leaves, default_rule=Rule(minimum=minimum))
    print(row("flat, leaves alone", judged, flat, place, truth, above))
    for name, how, combine in VARIANTS:
        setattr(hierarchy, "combined", combine)  # noqa: B010
        taxonomy = Taxonomy(
            categories=categories, default_rule=Rule(minimum=minimum, hierarchy=how)
        )
        print(row(name, judged, taxonomy, place, truth, above))
    setattr(hierarchy, "combined", independent)  # noqa: B010


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", choices=GROUPS, help="one of the sets; default: all")
    parser.add_argument("--articles", type=int, default=400, help="of each set, at most")
    options = parser.parse_args()
    for name, groups in GROUPS.items():
        if options.set not in (None, name):
            continue
        categories = tree(options.data / name, groups)
        some = articles(options.data / name, options.articles)
        judged = judge(some, categories)
        print(f"{name}: {len(some)} articles, {len(groups)} parents, {len(categories)} categories")
        for minimum in (0.5, 0.3):
            print(
                f"  {f'minimum {minimum}':26}{'F1':>8}{'hier. F1':>8}{'articles':>10}{'labels':>9}"
            )
            report(categories, some, judged, minimum)


if __name__ == "__main__":
    main()
