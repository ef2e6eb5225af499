"""The database itself refuses to change activity, whatever program asks.

PostgreSQL refuses deletion too. On SQLite emptying a table is the same DELETE that a trigger would refuse, so there
`flush` needs it open, and the model alone refuses deletion.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "activity_activity"
MESSAGE = "activity is append-only"

DO = {
    "sqlite": [
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE ON {TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    ],
    "postgresql": [
        f"CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$",
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()",
    ],
}
UNDO = {
    "sqlite": [f"DROP TRIGGER {TABLE}_append_only"],
    "postgresql": [f"DROP TRIGGER {TABLE}_append_only ON {TABLE}", f"DROP FUNCTION {TABLE}_refuse()"],
}


def guard(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in DO[editor.connection.vendor]:
        editor.execute(statement)


def unguard(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("activity", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
