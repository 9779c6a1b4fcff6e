import os

import pytest
from django.db import connection


@pytest.mark.django_db
def test_it_is_the_one_that_was_asked_for() -> None:
    asked = os.environ.get("STIMME_TEST_DATABASE_URL", "sqlite:").partition(":")[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert connection.vendor == asked
