"""Makes the test system importable by name, here and in processes that tests start."""

import os
import signal
import sys
from pathlib import Path

HERE = str(Path(__file__).parent)
sys.path.insert(0, HERE)
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [HERE, os.environ.get("PYTHONPATH")]))
# a shell's background job ignores Ctrl-C, and so would the processes that tests interrupt
signal.signal(signal.SIGINT, signal.default_int_handler)
