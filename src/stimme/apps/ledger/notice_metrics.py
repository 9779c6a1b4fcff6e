"""What an operator watches of the notices. Numbers only: no cause, seat or account."""

from prometheus_client import Counter

MAILED = Counter("stimme_notices_mailed", "Mails with notices that the mail server took")
REFUSED = Counter("stimme_notices_refused", "Answers of the mail server that refused one of them")
GIVEN_UP = Counter("stimme_notices_given_up", "Mails that were refused too often to try again")
