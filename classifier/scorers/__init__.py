"""Things that score articles against categories, all behind `base.Scorer`."""
