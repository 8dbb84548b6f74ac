from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np

from classifier.evaluation.metrics import Bin
from classifier.evaluation.plots import precision_recall, reliability
from classifier.evaluation.report import PrecisionRecallCurve


def curve(points: int) -> PrecisionRecallCurve:
    recall = np.linspace(0, 1, points)
    return PrecisionRecallCurve(recall=tuple(recall), precision=tuple(1 - recall / 2), threshold=())


def test_curves_have_a_class_each_and_end_where_they_end() -> None:
    svg = precision_recall([curve(5), curve(3)])
    ElementTree.fromstring(svg)
    assert re.findall(r'class="line(\d)"', svg) == ["0", "1"]
    paths = re.findall(r'class="line\d" d="([^"]+)"', svg)
    assert {path.rpartition("H")[2] for path in paths} == {"344.0"}  # recall 1


def test_a_long_curve_is_thinned_and_keeps_its_last_point() -> None:
    svg = precision_recall([curve(100_000)])
    assert len(svg) < 20_000
    assert 'H344.0"' in svg


def test_the_area_of_a_dot_grows_with_its_pairs() -> None:
    bins = [
        Bin(low=0.0, high=0.5, pairs=100, confidence=0.25, share=0.2),
        Bin(low=0.5, high=1.0, pairs=25, confidence=0.75, share=0.9),
    ]
    svg = reliability(bins)
    ElementTree.fromstring(svg)
    radii = [float(r) for r in re.findall(r' r="([\d.]+)"', svg)]
    assert [round((r - 3) / 7, 2) for r in radii] == [1.0, 0.5]
    assert "25 pairs, confidence 0.750, true 0.900" in svg


def test_nothing_to_show_is_an_empty_plot() -> None:
    for svg in (reliability([]), precision_recall([curve(0)])):
        ElementTree.fromstring(svg)
