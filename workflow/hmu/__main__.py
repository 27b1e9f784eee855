"""``python -m hmu``: the command without an installed script."""

import sys

from hmu.cli import main

sys.exit(main())
