import pytest

pytest.register_assert_rewrite("tests.provider_agent.drivers.contract")
