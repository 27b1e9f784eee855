"""``python -m hmu.run [LOG]``: run the job on standard input, and copy what it prints to a file.

Rules call this, a thousand times for small jobs: `hmu step` does the same for people, with options
and help, and to read a command line takes a tenth of such a job.
"""

import sys
from pathlib import Path

from hmu.io import streams
from hmu.run.runner import execute

if __name__ == "__main__":
    streams.speak_utf8()
    sys.exit(execute(sys.stdin.read(), *map(Path, sys.argv[1:])))
