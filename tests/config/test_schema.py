"""The OpenAPI schema is valid and says everything without a guess."""

from django.core.management import call_command


def test_the_schema_is_valid_and_generated_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))
    assert (tmp_path / "schema.yml").stat().st_size > 10_000
