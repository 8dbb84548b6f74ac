"""Front matter: `reading` finds and parses it, `editor` changes keys of it and nothing else."""
