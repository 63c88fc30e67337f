"""What every test stands on: real PostgreSQL, and a real broker whose keys are its own."""

import pytest
import redis
from django.conf import settings
from django.core.management import call_command


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """English is compiled before any process reads it: what was read once is kept."""
    if not hasattr(config, "workerinput"):
        call_command("compile_language")


@pytest.fixture(autouse=True)
def _a_quiet_bell():
    """No bell of an earlier test rings in this one."""
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
