import pytest

from stimme.apps.ballot.models import LogHead
from stimme.apps.ballot.sealer import seal
from stimme.cli.serve import serve


@pytest.mark.django_db(transaction=True)
def test_where_sealing_is_refused_no_vote_is_promised_anything() -> None:
    seal()
    LogHead.objects.update(origin="elsewhere.example/log")
    with pytest.raises(SystemExit, match="keeps its name"):
        serve(host="127.0.0.1", port=1)
