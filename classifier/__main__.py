"""`python -m classifier`: the same as `classifier.cli`'s command `classify`."""

import sys

from classifier.cli import main

sys.exit(main())
