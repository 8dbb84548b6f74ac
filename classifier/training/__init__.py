"""Training on people's labels: calibration, corrections, few-shot examples and cascade thresholds.

Start with `calibrate` (confidences), `cross_validate` (corrections) or `cascade_tuning`
(thresholds). `dataset` and `score_matrix` make the arrays, `random_intercepts` and
`correction_model` are the models, `binomial_bounds` and `targets` what a promise rests on,
`serialize` and `few_shot` what is written beside the taxonomy, `held_out` and `audit` the reports.
"""
