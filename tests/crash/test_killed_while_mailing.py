"""2,000 voters, a mail server with moods, and a sender of notices that is killed repeatedly."""

from collections import Counter
from dataclasses import replace

from tests.crash.instances import Instance, rounds, until
from tests.mail_server import Mailbox, mail_server, moody

SENT_AT_ONCE = 150  # mails between two kills


def test_every_voter_gets_one_mail_and_nobody_else_any(instance: Instance) -> None:
    voters = instance.inside("decide")["voters"]
    with mail_server(moody(1, share=0.02), moody(2, share=0.02)) as (mailbox, url):
        instance = replace(instance, settings={**instance.settings, "smtp_url": url})
        kills = rounds(2)
        for _ in range(kills):
            _send_and_kill(instance, mailbox)
        _send_to_the_end(instance)
    assert sorted(set(mailbox.addresses)) == voters
    # A mail in flight at a kill is in doubt, and comes again as the same.
    assert len({mail["Message-ID"] for _, mail in mailbox.taken}) == len(voters)
    times = Counter(Counter(mailbox.addresses).values())
    assert set(times) <= {1, 2}
    assert times[2] <= kills


def _send_and_kill(instance: Instance, mailbox: Mailbox) -> None:
    goal = len(mailbox.taken) + SENT_AT_ONCE
    sender = instance.start("notices", "--stay")
    until(lambda: len(mailbox.taken) >= goal or sender.ended(), "some mails are sent")
    assert not sender.ended()
    sender.kill()


def _send_to_the_end(instance: Instance) -> None:
    """Again and again, as the server's moods want it, until nothing is due."""
    while True:
        sender = instance.start("notices")
        until(sender.ended, "all is sent that can be")
        instance.inside("hurry")
        if "Mails sent: 0, put off: 0," in sender.log.read_text().splitlines()[-1]:
            return
