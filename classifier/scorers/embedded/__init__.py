"""The scorer that works offline: a sentence model, mentions, and a small head over both."""
