"""`python -m gsmbridge`."""

import sys

from gsmbridge.cli.main import main

sys.exit(main())
