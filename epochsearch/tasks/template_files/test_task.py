"""The task obeys the laws that a search rests on. Run it with: python -m pytest"""

import subprocess
import sys
from pathlib import Path


def test_the_task_can_be_searched():
    """`epochsearch check` trains it for a few epochs and finds nothing to mend."""
    command = [sys.executable, "-m", "epochsearch", "check", "task.py"]

    assert subprocess.run(command, cwd=Path(__file__).parent, check=False).returncode == 0
