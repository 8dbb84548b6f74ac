"""Standard vocabularies at full size: load, check, judge, export and read back, with what it takes.

    python benchmarks/vocabularies.py

Generates a file in the exact format of each: IPTC Media Topics (JSON, 1,200 concepts on five levels
in four languages, some retired), the IAB Content Taxonomy (TSV, 704 rows on four tiers, numbers
for ids) and a SKOS thesaurus (Turtle, 10,000 concepts with definitions). Each is named in the
settings of a site of ten articles, in a process of its own for each step, so that processor time
and memory are those of the step. `equal` says whether the categories that come out of the export
are those that went in, but for their files.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final


def _words(text: str) -> list[str]:
    return text.split()


_FIELDS: Final = _words(
    "harbour bakery railway orchard glacier parliament violin textile reactor satellite "
    "vaccine football theatre mortgage dialect volcano turbine pension quarry monastery "
    "algorithm ceramic fishery lighthouse insulin asphalt archive chess drought ferry "
    "granite hospital irrigation jury kiln lizard museum nickel opera pottery quartz "
    "robot steel tunnel urban velodrome wool"
)
_ASPECTS: Final = _words(
    "law prices history safety workers design trade research repair teaching export "
    "insurance tourism energy noise markets museums taxes strikes maps standards "
    "statistics photography sponsors awards hygiene planning software archives volunteers "
    "advertising storage"
)
_GROUPS: Final = _words("coastal rural medieval electric public alpine wooden digital seasonal")


def names(count: int) -> list[str]:
    """Return different titles, each with a field, most with an aspect and a group."""
    made = [field.title() for field in _FIELDS]
    made += [f"{field.title()} {aspect}" for field in _FIELDS for aspect in _ASPECTS]
    made += [
        f"{group.title()} {field} {aspect}"
        for field in _FIELDS
        for aspect in _ASPECTS
        for group in _GROUPS
    ]
    return made[:count]


def definition(title: str) -> str:
    field = next(field for field in _FIELDS if field in title.casefold())
    return f"What concerns {title.casefold()} in cities, for those who own or use a {field}"


def parents(titles: Sequence[str]) -> dict[str, str]:
    by_words = {title.casefold(): title for title in titles}
    found = {}
    for title in titles:
        words = title.casefold().split()
        above = (" ".join(words[1:]), " ".join(words[:-1]))
        found[title] = next((by_words[it] for it in above if it in by_words and it), "")
    return found


def media_topics(count: int = 1200) -> str:
    titles = names(count)
    above = parents(titles)
    address = {
        title: f"http://cv.iptc.org/newscodes/mediatopic/{20_000_000 + n}"
        for n, title in enumerate(titles)
    }
    concepts: list[dict[str, object]] = []
    for title in titles:
        concept: dict[str, object] = {
            "uri": address[title],
            "qcode": f"medtop:{address[title][-8:]}",
            "type": ["http://www.w3.org/2004/02/skos/core#Concept"],
            "inScheme": ["http://cv.iptc.org/newscodes/mediatopic/"],
            "modified": "2023-12-01T12:00:00+00:00",
            "prefLabel": {
                "en-GB": title,
                "de": f"{title} (de)",
                "fr": f"{title} (fr)",
                "es": f"{title} (es)",
            },
            "definition": {"en-GB": definition(title), "de": f"{definition(title)} (de)"},
        }
        if above[title]:
            concept["broader"] = [address[above[title]]]
        else:
            concept["topConceptOf"] = ["http://cv.iptc.org/newscodes/mediatopic/"]
            concept["exactMatch"] = [f"http://www.wikidata.org/entity/Q{len(concepts) + 1000}"]
        concepts.append(concept)
    for n in range(count // 20):
        concepts.append(
            {
                "uri": f"http://cv.iptc.org/newscodes/mediatopic/{30_000_000 + n}",
                "prefLabel": {"en-GB": f"Former {titles[n]}"},
                "retired": "2019-07-23T12:00:00+00:00",
            }
        )
    scheme = {"uri": "http://cv.iptc.org/newscodes/mediatopic/", "conceptSet": concepts}
    return json.dumps(scheme, ensure_ascii=False)


def iab(count: int = 704) -> str:
    titles = names(count)
    above = parents(titles)
    ids = {title: str(n + 1) for n, title in enumerate(titles)}
    lines = ["Relational ID System\t\tContent Taxonomy v3.0 Tiered Categories\t\t\t\t\t"]
    lines.append("Unique ID\tParent\tName\tTier 1\tTier 2\tTier 3\tTier 4\tExtension")
    for title in titles:
        tiers = [title]
        while above[tiers[0]]:
            tiers.insert(0, above[tiers[0]])
        cells = [ids[title], ids.get(above[title], ""), title, *tiers[:4]]
        lines.append("\t".join(cells + [""] * (8 - len(cells))))
    return "\n".join(lines) + "\n"


def thesaurus(count: int = 10_000) -> str:
    titles = names(count)
    above = parents(titles)
    code = {title: f"c{n:05}" for n, title in enumerate(titles)}
    parts = [
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .",
        "@prefix dct: <http://purl.org/dc/terms/> .",
        "@prefix : <https://example.org/thesaurus/> .",
        '<https://example.org/thesaurus> a skos:ConceptScheme ; dct:title "Topics"@en .',
    ]
    for title in titles:
        own = [
            f":{code[title]} a skos:Concept ; skos:inScheme <https://example.org/thesaurus>",
            f'skos:prefLabel "{title}"@en , "{title} (fr)"@fr',
            f'skos:definition "{definition(title)}"@en',
            f'skos:notation "{code[title]}"',
        ]
        if len(title.split()) == 1:
            own.append(f'skos:altLabel "All about {title.casefold()}s"@en')
        if above[title]:
            own.append(f"skos:broader :{code[above[title]]}")
        parts.append(" ;\n  ".join(own) + " .")
    return "\n".join(parts) + "\n"


def articles(folder: Path) -> None:
    folder.mkdir()
    picked = random.Random(0)
    for n in range(10):
        field = picked.choice(_FIELDS)
        aspects = picked.sample(_ASPECTS, 3)
        text = " ".join(
            f"This year the {field} near the town had much to say about {aspect}. "
            f"Whoever works with a {field} knows its {aspect}."
            for aspect in aspects
        )
        (folder / f"{n}.md").write_text(f"---\ntitle: The {field}\n---\n{text}\n")


# --- steps ----------------------------------------------------------------------------------------


def measured(*command: str, cwd: Path) -> tuple[float, int, str]:
    """Return processor seconds, megabytes at most and what a command printed."""
    code = (
        "import resource, runpy, sys; sys.argv = ['classify', *sys.argv[1:]]\n"
        "try:\n    runpy.run_module('classifier', run_name='__main__')\n"
        "finally:\n    it = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    sys.stdout.flush()\n"
        "    sys.stderr.write(f'\\n@ {it.ru_utime + it.ru_stime} {it.ru_maxrss // 1024}\\n')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if ran.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: {ran.stderr}")
    seconds, megabytes = ran.stderr.rpartition("@ ")[2].split()
    return float(seconds), int(megabytes), ran.stdout


def equal(one: Path, other: Path) -> bool:
    from classifier.taxonomy.loading import load

    def known(path: Path) -> list[tuple[object, ...]]:
        return sorted(
            (c.id, c.title, c.aliases, c.description, c.instructions, c.parents, c.exact_matches)
            for c in load(path).categories
        )

    return known(one) == known(other)


def steps(file: Path, site: Path) -> Iterator[str]:
    store = str(site / "store.db")
    (site / "classify.toml").write_text(f'categories = "{file.name}"\nstore = "{store}"\n')
    for name, command in {
        "load": ("categories",),
        "lint": ("taxonomy", "lint", "--format", "json"),
        "judge ten articles": ("run", "content", "--quiet"),
        "judge them again": ("run", "content", "--quiet"),
    }.items():
        seconds, megabytes, _ = measured(*command, cwd=site)
        yield f"  {name:22}{seconds:8.1f} s{megabytes:7,} MB"
    for format_, suffix in (("turtle", "ttl"), ("jsonld", "jsonld")):
        seconds, megabytes, text = measured("taxonomy", "export", "--format", format_, cwd=site)
        again = site / "again" / f"{file.stem}.{suffix}"
        again.parent.mkdir(exist_ok=True)
        again.write_text(text)
        same = "equal" if equal(file, again) else "NOT EQUAL"
        yield f"  {'export, ' + format_:22}{seconds:8.1f} s{megabytes:7,} MB  read back: {same}"
    (site / "classify.toml").unlink()
    seconds, megabytes, _ = measured("taxonomy", "import", file.name, "--to", "written", cwd=site)
    same = "equal" if equal(file, site / "written") else "NOT EQUAL"
    yield f"  {'import':22}{seconds:8.1f} s{megabytes:7,} MB  read back: {same}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("iptc", "iab", "skos"))
    parser.add_argument("--concepts", type=int, help="instead of the full size")
    options = parser.parse_args()
    made = {
        "iptc": ("medtop.json", media_topics, 1200),
        "iab": ("iab.tsv", iab, 704),
        "skos": ("topics.ttl", thesaurus, 10_000),
    }
    for name, (file, make, count) in made.items():
        if options.only not in (None, name):
            continue
        count = options.concepts or count
        with tempfile.TemporaryDirectory() as folder:
            site = Path(folder)
            (site / file).write_text(make(count), encoding="utf-8")
            articles(site / "content")
            print(f"{name}: {count:,} concepts, {(site / file).stat().st_size / 1e6:.1f} MB")
            for line in steps(site / file, site):
                print(line, flush=True)


if __name__ == "__main__":
    main()
