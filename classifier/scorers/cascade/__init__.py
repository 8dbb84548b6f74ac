"""Two scorers in turn: the second is asked only about what the first does not settle."""
