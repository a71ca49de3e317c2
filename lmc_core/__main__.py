"""`python -m lmc_core`: all that the page does, for scripts."""

import sys

from lmc_core.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
