"""A run as one page of HTML that needs nothing else: no network, no server, no other file.

`gather` makes the page's data from results, `render` makes the page. Everything strangers have
written (articles, definitions, a model's reasoning) is in the data alone, which is compressed and
never markup; the page's own script puts it on screen as text and as nothing else.
"""

from classifier.outputs.report.data import About, Data, Judged, ReportScorer
from classifier.outputs.report.gather import gather
from classifier.outputs.report.html import render

__all__ = ["About", "Data", "Judged", "ReportScorer", "gather", "render"]
