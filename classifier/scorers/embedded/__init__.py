"""The embedded scorer: judges offline with a sentence model, words and a small trained head.

Start with `scorer.EmbeddedScorer`. On the way of a pair: `model_files`, `sentence_model` and
`token_spans` (texts to vectors), `vectors` (their cache), `encoding` (articles and categories made
ready), `features` (numbers of a pair, compared with `reference_topics`; `lexical` counts words),
`head` (a confidence), `corrections` (learned from verdicts), `explain` and `quotes` (reasoning and
evidence).
"""
