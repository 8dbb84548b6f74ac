"""How right a scorer is, by what people say: gold labels, metrics, reports."""
