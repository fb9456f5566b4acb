"""granian, with the application loaded before its workers are forked.

A worker that takes the place of one that died then serves at once; loading everything anew takes
seconds on a busy machine. Where processes are not forked each worker loads it, as granian does.
"""

import gc
import multiprocessing
import sys
from importlib import import_module

from granian.cli import entrypoint


def main() -> None:
    """Load the application that is named last, and hand over to granian."""
    if multiprocessing.get_start_method() == "fork":
        import_module(sys.argv[-1].partition(":")[0])
        # What is never collected is never written to, and stays shared.
        gc.collect()
        gc.freeze()
    entrypoint()


if __name__ == "__main__":
    main()
