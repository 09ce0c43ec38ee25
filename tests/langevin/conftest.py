"""Makes the test models importable by name, so that their kernels are cached like a user's."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
