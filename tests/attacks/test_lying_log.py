"""A server that lies about its log: the audit names each lie in one plain sentence."""

import json
from dataclasses import replace

import pytest

from stimme.engines.translog import (
    EMPTY_ROOT,
    Checkpoint,
    Report,
    Signer,
    append,
    audit,
    promise_batch,
    sign,
)
from tests.unit.translog.small_log import (
    EXAMPLE,
    LOG_KEY,
    ORIGIN,
    RECEIPT_KEY,
    SmallLog,
    flipped,
    many_votes,
    secret,
)

NOW = 1_800_000_000
LINES = EXAMPLE + many_votes(600)
VOTE = LINES[2]
DUE = "2027-01-15 08:00 UTC"


@pytest.fixture
def log() -> SmallLog:
    return SmallLog.of(LINES[:300], LINES[300:])


def audited(
    log: SmallLog, earlier: list[str] | None = None, receipts: list[str] | None = None
) -> Report:
    return audit(
        log.read,
        LOG_KEY.verifier,
        ORIGIN,
        earlier=earlier or (),
        receipts=receipts or (),
        receipt_verifier=RECEIPT_KEY.verifier,
        now=NOW,
    )


def sentences(report: Report, rule: str) -> list[str]:
    return [alarm.sentence for alarm in report.alarms if alarm.rule == rule]


def only(report: Report, rule: str) -> str:
    """The sentence of the report's only alarm, of this rule."""
    (sentence,) = sentences(report, rule)
    assert len(report.alarms) == 1
    assert not report.ok
    return sentence


def served(log: SmallLog) -> list[str]:
    """The files that an audit of the last size needs."""
    return sorted(append(log.read, 0, [line.encode() for line in LINES]).resources)


def rewritten(lines: list[str]) -> SmallLog:
    """The same operator's log with other lines."""
    return SmallLog.of(lines)


def promise(line: str, deadline: int) -> str:
    return promise_batch(RECEIPT_KEY, ORIGIN, [line, VOTE], deadline)[0].encode()


def test_an_honest_log_raises_no_alarm(log: SmallLog) -> None:
    receipts = [log.proof(7).encode(), promise(LINES[9], NOW - 1)]
    report = audited(log, log.checkpoints, receipts)
    assert report.alarms == []
    assert report.ok
    assert sum(report.tallies.values()) == 602


def test_one_flipped_bit_in_any_file_is_named(log: SmallLog) -> None:
    for path in served(log):
        for bit in (0, 9, 21, len(log.files[path]) * 4 + 3, len(log.files[path]) * 8 - 1):
            lying = replace(log, files=log.files | {path: flipped(log.files[path], bit)})
            (sentence,) = sentences(audited(lying), "tiles")
            assert f" {path} " in sentence, (path, bit)


def test_one_flipped_bit_in_any_byte_of_a_bundle_and_a_tile_is_named() -> None:
    log = SmallLog.of(EXAMPLE)
    for path in ("tile/entries/000.p/4", "tile/0/000.p/4"):
        for byte in range(len(log.files[path])):
            lying = replace(log, files=log.files | {path: flipped(log.files[path], byte * 8)})
            (sentence,) = sentences(audited(lying), "tiles")
            assert f" {path} " in sentence, (path, byte)


def test_a_changed_entry_is_named(log: SmallLog) -> None:
    path = "tile/entries/001"
    log.files[path] = log.files[path].replace(b" against ", b" agains0 ", 1)
    report = audited(log)
    assert sentences(report, "tiles") == [
        (
            "Entry 257 in the entry bundle tile/entries/001 was changed: it does not have the hash "
            "that leads to the signed root."
        )
    ]
    assert [alarm.index for alarm in report.alarms if alarm.rule == "R4"] == [257]


def test_a_changed_tile_is_named(log: SmallLog) -> None:
    log.files["tile/1/000.p/2"] = flipped(log.files["tile/1/000.p/2"], 300)
    assert only(audited(log), "tiles") == (
        "The hash tile tile/1/000.p/2 is wrong: the entries, which lead to the signed root, "
        "give another."
    )


def test_a_truncated_bundle_is_named_and_nothing_is_recounted(log: SmallLog) -> None:
    log.files["tile/entries/001"] = log.files["tile/entries/001"][:-1]
    report = audited(log)
    assert only(report, "tiles") == ("The entry bundle tile/entries/001 is truncated or malformed.")
    assert report.tallies == {}
    assert "The votes were not recounted, since entries could not be read." in report.notes


def test_a_truncated_tile_is_named(log: SmallLog) -> None:
    log.files["tile/0/001"] = log.files["tile/0/001"][:-32]
    assert only(audited(log), "tiles") == "The hash tile tile/0/001 is truncated or malformed."


@pytest.mark.parametrize("path", ["tile/entries/002.p/93", "tile/0/000", "tile/1/000.p/2"])
def test_a_missing_resource_is_named(log: SmallLog, path: str) -> None:
    del log.files[path]
    assert only(audited(log), "tiles") == f"The log does not serve {path}."


def test_a_log_without_bundle_and_tile_cannot_be_checked_further(log: SmallLog) -> None:
    del log.files["tile/entries/001"], log.files["tile/0/001"]
    assert sentences(audited(log), "tiles") == [
        "The log does not serve tile/entries/001.",
        "The log cannot be checked further: too much of it is missing.",
    ]


def test_a_bundle_and_a_tile_changed_alike_do_not_lead_to_the_signed_root() -> None:
    log, other = SmallLog.of(EXAMPLE), SmallLog.of([*EXAMPLE[:3], many_votes(1)[1]])
    lying = replace(log, files=other.files | {"checkpoint": log.files["checkpoint"]})
    assert only(audited(lying), "tiles") == (
        "The entries and the hash tiles lead to another root than the one signed in the checkpoint."
    )


def test_a_bundle_and_a_tile_changed_otherwise_contradict_each_other() -> None:
    log, other = SmallLog.of(EXAMPLE), SmallLog.of([*EXAMPLE[:3], many_votes(1)[1]])
    files = {"tile/entries/000.p/4": other.files["tile/entries/000.p/4"]}
    files["tile/0/000.p/4"] = flipped(log.files["tile/0/000.p/4"], 1)
    assert only(audited(replace(log, files=log.files | files)), "tiles") == (
        "The entry bundle tile/entries/000.p/4 and the hash tile tile/0/000.p/4 contradict each "
        "other."
    )


def test_a_rolled_back_log_is_named(log: SmallLog) -> None:
    seen = log.checkpoints[-1]
    log.publish(log.checkpoints[0])
    assert only(audited(log, [seen]), "history") == (
        "The log was rolled back: it signed 605 entries and shows 300."
    )


def test_a_forked_log_is_named(log: SmallLog) -> None:
    fork = rewritten([*LINES[:2], LINES[2].replace(" for ", " against "), *LINES[3:]])
    assert only(audited(fork, [log.checkpoints[0]]), "history") == (
        "The log was forked: it signed two different histories of 300 entries."
    )
    assert only(audited(fork, [log.checkpoints[1]]), "history") == (
        "The log was forked: it signed two different histories of 605 entries."
    )


def test_a_forked_checkpoint_of_the_same_size_is_named(log: SmallLog) -> None:
    log.publish(sign(Checkpoint(ORIGIN, 605, EMPTY_ROOT).encode(), [LOG_KEY]))
    report = audited(log, log.checkpoints[:-1])
    assert sentences(report, "history") == [
        "The log was forked: it signed two different histories of 605 entries."
    ]


def test_an_earlier_checkpoint_of_nobody_is_no_evidence(log: SmallLog) -> None:
    stranger = Signer.from_seed(ORIGIN, secret("stranger"))
    forged = sign(Checkpoint(ORIGIN, 900, EMPTY_ROOT).encode(), [stranger])
    assert only(audited(log, [forged]), "history") == (
        "An earlier checkpoint proves nothing. The note bears no signature of a key we know."
    )


def test_a_checkpoint_of_another_origin_is_named(log: SmallLog) -> None:
    other = Checkpoint("other.example/log", 605, EMPTY_ROOT).encode()
    log.publish(sign(other, [LOG_KEY]))
    assert only(audited(log), "checkpoint") == (
        "The checkpoint belongs to other.example/log, not to stimme.example/log."
    )


def test_a_known_key_name_with_a_bad_signature_is_named(log: SmallLog) -> None:
    log.publish(log.checkpoints[-1].replace("\n605\n", "\n604\n"))
    assert only(audited(log), "checkpoint") == (
        "The signature in the name of stimme.example/log is wrong."
    )


def test_an_unknown_key_is_named(log: SmallLog) -> None:
    stranger = Signer.from_seed(ORIGIN, secret("stranger"))
    log.publish(sign(Checkpoint(ORIGIN, 605, EMPTY_ROOT).encode(), [stranger]))
    assert only(audited(log), "checkpoint") == "The note bears no signature of a key we know."


@pytest.mark.parametrize(
    "served, sentence",
    [
        (None, "The log serves no checkpoint."),
        (b"\xff", "The checkpoint is not a text."),
        (
            b"<html>\n",
            "This is not a signed note: it needs a text, a blank line, and signatures.",
        ),
        (
            sign("no checkpoint\n", [LOG_KEY]).encode(),
            "This is not a checkpoint: it needs an origin, a size and a root.",
        ),
    ],
)
def test_a_checkpoint_that_is_none_is_named(
    log: SmallLog, served: bytes | None, sentence: str
) -> None:
    del log.files["checkpoint"]
    log.files |= {} if served is None else {"checkpoint": served}
    assert only(audited(log), "checkpoint") == sentence


def test_a_promise_not_kept_is_named_after_its_deadline(log: SmallLog) -> None:
    line = many_votes(700)[700]
    late = audited(log, receipts=[promise(line, NOW - 1)])
    assert only(late, "receipt") == (
        f"A promise was not kept: by 2027-01-15 07:59 UTC the log had to show: {line}"
    )
    waiting = audited(log, receipts=[promise(line, NOW)])
    assert waiting.ok
    assert f"A promise is not yet due: until {DUE} for: {line}" in waiting.notes


def test_another_vote_in_the_place_of_the_promised_one_is_named(log: SmallLog) -> None:
    line = VOTE.replace(" for ", " against ")
    assert only(audited(log, receipts=[promise(line, NOW + 1)]), "receipt") == (
        f"Entry 2 contradicts a receipt, which promises: {line}"
    )


def test_a_proven_line_that_the_log_no_longer_shows_is_named(log: SmallLog) -> None:
    fork = rewritten([*LINES[:2], VOTE.replace(" for ", " against "), *LINES[3:]])
    report = audited(fork, receipts=[log.proof(2).encode()])
    assert sentences(report, "receipt") == [
        "A receipt proves another line at entry 2 than the log now shows."
    ]
    assert sentences(report, "history") == [
        "The log was forked: it signed two different histories of 605 entries."
    ]


def test_a_proof_from_a_log_that_was_rolled_back_is_named(log: SmallLog) -> None:
    receipt = log.proof(604).encode()
    log.publish(log.checkpoints[0])
    assert only(audited(log, receipts=[receipt]), "history") == (
        "The log was rolled back: it signed 605 entries and shows 300."
    )


def test_receipts_of_nobody_are_no_evidence(log: SmallLog) -> None:
    stranger = Signer.from_seed(RECEIPT_KEY.name, secret("stranger"))
    forged = promise_batch(stranger, ORIGIN, [VOTE], NOW)[0].encode()
    proof = log.proof(2)
    cases = {
        forged: "The note bears no signature of a key we know.",
        "hello": "This is not a file of the form c2sp.org/tlog-proof@v1.",
        replace(proof, index=3).encode(): "The proof does not lead to the root.",
        replace(proof, extra=None).encode(): "The proof does not carry the line it proves.",
    }
    for receipt, sentence in cases.items():
        expected = f"A receipt proves nothing. {sentence}"
        assert only(audited(log, receipts=[receipt]), "receipt") == expected


def test_a_promise_needs_the_receipt_key_to_be_checked(log: SmallLog) -> None:
    receipts = [promise(VOTE, NOW)]
    report = audit(log.read, LOG_KEY.verifier, ORIGIN, receipts=receipts, now=NOW)
    assert only(report, "receipt") == (
        "A receipt proves nothing. To check a promise, the log's receipt key is needed."
    )


def test_rules_broken_by_lines_are_alarms_of_the_audit() -> None:
    lines = [*EXAMPLE, EXAMPLE[3], "s1 nonsense", VOTE.replace(" 0 for ", " 7 for ")]
    report = audited(SmallLog.of(lines))
    assert [(alarm.index, alarm.rule) for alarm in report.alarms] == [
        (4, "R1"),
        (5, "R4"),
        (6, "R1"),
    ]


def test_the_report_is_also_for_programs(log: SmallLog) -> None:
    log.files["tile/0/001"] = b""
    content = json.loads(audited(log).to_json())
    assert (content["ok"], content["origin"], content["size"]) == (False, ORIGIN, 605)
    assert content["alarms"] == [
        {
            "index": None,
            "rule": "tiles",
            "cid": None,
            "sentence": "The hash tile tile/0/001 is truncated or malformed.",
        }
    ]
    assert content["tallies"][0].keys() == {"cid", "choice", "level", "seats"}


def test_progress_is_told_bundle_by_bundle(log: SmallLog) -> None:
    told: list[tuple[int, int]] = []
    audit(
        log.read,
        LOG_KEY.verifier,
        ORIGIN,
        now=NOW,
        progress=lambda done, size: told.append((done, size)),
    )
    assert told == [(256, 605), (512, 605), (605, 605)]


def test_an_empty_log_is_audited() -> None:
    log = SmallLog.of([])
    report = audited(log, log.checkpoints)
    assert (report.alarms, report.size, report.root) == ([], 0, EMPTY_ROOT)
