"""What DATABASE_URL asks for reaches the database."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_what_the_url_asks_of_postgresql_reaches_it_and_its_programs(tmp_path):
    """Beside the pool that the site adds; without this, a connection meant to be encrypted would not have to be."""
    program = (
        "import json; from django.db import connection; given = connection.settings_dict; "
        "print(json.dumps([given['OPTIONS'], connection.client.settings_to_cmd_args_env(given, [])]))"
    )
    url = "postgres://infill:secret@db.example/infill?sslmode=verify-full"
    env = os.environ | {
        "DATABASE_URL": url,
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "marketplace.config.settings",
    }
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, check=True)
    options, (words, secrets) = json.loads(done.stdout)
    assert options["sslmode"] == "verify-full"
    assert options["pool"]
    assert secrets == {"PGPASSWORD": "secret", "PGSSLMODE": "verify-full"}
    assert "secret" not in words, "a password among the words is seen by all who list processes"
