"""New accounts are counted by the hour, and an unusual hour is told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from stimme.apps.accounts.forgetting import forget_old_counts
from stimme.apps.accounts.growth import count_new_account
from stimme.apps.accounts.models import Growth, User
from stimme.apps.accounts.selectors import growth_of_a_day, unusual_hours
from stimme.apps.accounts.services import account_of_confirmed_address

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, 34, 56, tzinfo=UTC)
HOUR = NOON.replace(minute=0, second=0)
Kind = Growth.Kind


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def count(number: int, domain: str = "example.org", network: str = "n") -> None:
    for _ in range(number):
        count_new_account(domain=domain, network=network)


def earlier(numbers: list[int], kind: Kind = Kind.ALL, name: str = "") -> None:
    """As many new accounts in this hour of each day before."""
    for day, number in enumerate(numbers, start=1):
        hour = HOUR - timedelta(days=day)
        Growth.objects.create(kind=kind, name=name, hour=hour, number=number)


def unusual() -> list[tuple[str, str, int, float | None]]:
    return list(unusual_hours().values_list("kind", "name", "number", "usual"))


def test_a_new_account_is_counted_in_all_by_domain_and_by_network() -> None:
    count(2, "example.org", "one")
    count(1, "example.net", "one")
    assert set(Growth.objects.values_list("kind", "name", "hour", "number")) == {
        ("all", "", HOUR, 3),
        ("domain", "example.org", HOUR, 2),
        ("domain", "example.net", HOUR, 1),
        ("network", "one", HOUR, 3),
    }


def test_signing_in_again_is_not_counted() -> None:
    for _ in range(2):
        account_of_confirmed_address(email="a+b@gmail.com", network="one")
    account_of_confirmed_address(email="a@gmail.com", network="two")
    assert set(Growth.objects.values_list("kind", "name", "number")) == {
        ("all", "", 1),
        ("domain", "gmail.com", 1),
        ("network", "one", 1),
    }


def test_twenty_are_never_unusual_and_one_more_is() -> None:
    count(20)
    assert unusual() == []
    count(1)
    assert unusual() == [
        ("all", "", 21, 0),
        ("domain", "example.org", 21, 0),
        ("network", "n", 21, 0),
    ]


def test_unusual_is_more_than_five_times_the_median_of_fourteen_days() -> None:
    earlier([4] * 3 + [5] * 8 + [100] * 3)
    for number in range(25):
        count(1, f"{number}.example", str(number))
    assert unusual() == []
    count(1, "last.example", "last")
    assert unusual() == [("all", "", 26, 5)]


def test_days_without_new_accounts_count_as_none() -> None:
    earlier([100] * 6)
    for number in range(21):
        count(1, f"{number}.example", str(number))
    assert unusual() == [("all", "", 21, 0)]


def test_other_hours_do_not_matter() -> None:
    for day in range(1, 15):
        hour = HOUR - timedelta(days=day, hours=1)
        Growth.objects.create(kind=Kind.ALL, name="", hour=hour, number=100)
    for number in range(21):
        count(1, f"{number}.example", str(number))
    assert unusual() == [("all", "", 21, 0)]


def test_what_is_unusual_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    for number in range(30):
        count(1, f"{number}.example", "one")
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [
        "unusual growth: 2026-11-22 12 all : 21 (usually 0)",
        "unusual growth: 2026-11-22 12 network one: 21 (usually 0)",
    ]


def test_counts_are_forgotten_after_fourteen_days() -> None:
    earlier([1] * 20)
    forget_old_counts()
    assert min(Growth.objects.values_list("hour", flat=True)) == HOUR - timedelta(days=14)


def test_a_day_is_told_hour_by_hour() -> None:
    count(2)
    for hours in [1, 23, 25]:
        hour = HOUR - timedelta(hours=hours)
        Growth.objects.create(kind=Kind.ALL, name="", hour=hour, number=hours)
    assert list(growth_of_a_day().values_list("number", flat=True)) == [2, 1, 23]


def test_no_count_leads_to_an_account() -> None:
    assert [field.name for field in Growth._meta.get_fields()] == [
        "id",
        "kind",
        "name",
        "hour",
        "number",
        "usual",
    ]
    assert not [field for field in User._meta.get_fields() if field.related_model is Growth]
