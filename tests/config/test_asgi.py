"""A web process once it has loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from demo.binaries import REPOSITORY

ASK = """
import gc, json, sys
import marketplace.config.asgi
print(json.dumps([gc.get_freeze_count(), len(gc.get_objects())]))
"""


def test_what_a_web_process_has_loaded_is_not_looked_through_for_garbage(tmp_path) -> None:
    env = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "marketplace.config.settings"}
    told = subprocess.run(
        [sys.executable, "-c", ASK], cwd=REPOSITORY, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    frozen, left = json.loads(told.stdout)
    assert frozen > 50 * left
