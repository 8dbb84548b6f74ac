from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier import taxonomy
from classifier.errors import TaxonomyError

TOPICS = "http://cv.iptc.org/newscodes/mediatopic/"
MEDIA_TOPICS = {
    "uri": TOPICS,
    "conceptSet": [
        {
            "uri": f"{TOPICS}01000000",
            "qcode": "medtop:01000000",
            "prefLabel": {"de": "Kultur", "en-GB": "arts, culture"},
            "definition": {"en-GB": "All forms of arts."},
            "altLabel": {"en-GB": ["art"]},
        },
        {
            "uri": f"{TOPICS}20000002",
            "prefLabel": {"en-GB": "cinema"},
            "broader": [f"{TOPICS}01000000"],
        },
        {
            "uri": f"{TOPICS}20000003",
            "prefLabel": {"en-GB": "gone"},
            "retired": "2020-01-01T00:00:00+00:00",
        },
        {"prefLabel": 7},
        "no concept",
    ],
}


def test_media_topics_are_read_without_retired_ones(tmp_path: Path) -> None:
    path = tmp_path / "mediatopic.json"
    path.write_text(json.dumps(MEDIA_TOPICS), encoding="utf-8")
    culture, cinema = taxonomy.load(path).categories
    assert (culture.id, culture.title) == ("mediatopic/arts-culture", "arts, culture")
    assert (culture.description, culture.aliases) == ("All forms of arts.", ("art",))
    assert (cinema.parents, cinema.path) == ((culture.id,), ("arts, culture",))


@pytest.mark.parametrize("concepts", [[], {}, "x", None, [{"uri": 1, "prefLabel": {"en": "x"}}]])
def test_a_file_without_concepts_is_one_line(tmp_path: Path, concepts: object) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"conceptSet": concepts}), encoding="utf-8")
    with pytest.raises(TaxonomyError, match="no concepts in it"):
        taxonomy.load(path)
