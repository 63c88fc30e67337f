"""What every test stands on: real PostgreSQL, and a real broker whose keys are its own."""

import pytest
import redis
from django.conf import settings


@pytest.fixture(autouse=True)
def _a_quiet_bell():
    """No bell of an earlier test rings in this one."""
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
