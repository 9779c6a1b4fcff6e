"""Tallies are kept by deltas; here they are counted anew from the seats, and compared."""

from django.db import connection, transaction
from django.db.models import Count, Q

from stimme.apps.ballot.models import Box, Seat, Tally

# One statement sees one state of the database, whatever is committed meanwhile.
_DIFFERENT = """
SELECT 1 FROM (
    SELECT level, choice, annulled <> '' AS annulled, vk <> '' AS keyed, COUNT(*) AS number
    FROM ballot_seat WHERE cid = %s GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT level, choice, annulled, keyed, -number FROM ballot_tally WHERE cid = %s
) AS seats_less_tallies
GROUP BY level, choice, annulled, keyed HAVING SUM(number) <> 0 LIMIT 1
"""


@transaction.atomic
def recount(cid: str) -> None:
    """Make the tallies of one box anew from its seats."""
    Box.objects.select_for_update().get(cid=cid)
    seats = Seat.objects.filter(cid=cid).annotate(removed=~Q(annulled=""), keyed=~Q(vk=""))
    alike = seats.values_list("level", "choice", "removed", "keyed")
    rows = list(alike.annotate(number=Count("p")).order_by())
    Tally.objects.filter(cid=cid).delete()
    Tally.objects.bulk_create(
        Tally(
            cid=cid,
            level=level,
            choice=choice,
            annulled=annulled,
            keyed=keyed,
            door=0,
            number=number,
        )
        for level, choice, annulled, keyed, number in rows
    )


def wrong_tallies() -> list[str]:
    """Return the cids of boxes whose tallies are not those of their seats. Reads all seats."""
    cids = Box.objects.order_by("cid").values_list("cid", flat=True)
    return [cid for cid in cids if is_wrong(cid)]


def is_wrong(cid: str) -> bool:
    """Whether the tallies of one box are not those of its seats. Reads its seats."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, [cid, cid])
        return cursor.fetchone() is not None
