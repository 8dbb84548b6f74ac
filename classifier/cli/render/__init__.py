"""What verbs return, as people read it."""
