"""The database itself refuses to change or delete activity, whatever program asks."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "activity_activity"
MESSAGE = "activity is append-only"

SQLITE = [
    f"CREATE TRIGGER {TABLE}_no_{verb} BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    for verb in ("update", "delete")
]
POSTGRESQL = [
    f"CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$",
    f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()",
]
UNDO = {
    "sqlite": [f"DROP TRIGGER {TABLE}_no_{verb}" for verb in ("update", "delete")],
    "postgresql": [f"DROP TRIGGER {TABLE}_append_only ON {TABLE}", f"DROP FUNCTION {TABLE}_refuse()"],
}
DO = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def guard(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in DO[editor.connection.vendor]:
        editor.execute(statement)


def unguard(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("activity", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
