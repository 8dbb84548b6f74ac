"""Evaluation of a scorer against people's labels.

Start with `evaluate`: it takes `gold` labels beside stored judgements (`gold_pairs`) and returns a
`report`, which `report_json` and `report_html` render. `metrics`, `bootstrap` (intervals) and
`clopper_pearson` (exact intervals) are pure arrays; `pack_size` compares sizes of calls.
"""
