"""`stimme verify`: a proof or a promise, offline, told in plain words."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection
from pathlib import Path

from stimme.cli.log_sources import CannotRun
from stimme.cli.output import moment, number, plain
from stimme.cli.trust import FROM_YOU, Keys, read_policy, read_text
from stimme.engines.translog import (
    Checkpoint,
    GrammarError,
    LogError,
    Policy,
    PromiseFile,
    Proof,
    ProofError,
    Verifier,
    VoteLine,
    parse_hour,
    parse_line,
    short_code,
    split_note,
    verify_promise,
    verify_proof,
)

_LEVELS = {
    "0": "e-mail address",
    "1": "passkey",
    "2": "member of a list",
    "3": "state e-ID",
    "9": "imported: nobody signed in for it",
}
_CHOICES = {"for": "A vote for", "against": "A vote against", "withdrawn": "A vote withdrawn"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a .tlog-proof or a promise")
    parser.add_argument(
        "--vkey", action="append", default=[], metavar="KEY", help="a key you trust, as vkey text"
    )
    parser.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="the keys of a log, as it serves them at …/log/keys",
    )
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="logs and witnesses you trust, and the quorum that must have cosigned a proof",
    )


def run(options: argparse.Namespace) -> int:
    """Exit status: 0 it holds, 1 it does not, 2 it could not be judged."""
    try:
        print(_judged(read_text(options.file), options))
    except CannotRun as error:
        print(f"stimme: {plain(str(error))}", file=sys.stderr)
        return 2
    except LogError as error:
        print(f"This does not hold. {plain(str(error))}")
        return 1
    return 0


def _judged(text: str, options: argparse.Namespace) -> str:
    kind = text.partition("\n")[0]
    if kind == Proof.FIRST_LINE:
        return _proof(Proof.parse(text), options)
    if kind == PromiseFile.FIRST_LINE:
        return _promise(PromiseFile.parse(text), options)
    raise CannotRun(f"{options.file} is neither a proof nor a promise.")


def _proof(proof: Proof, options: argparse.Namespace) -> str:
    if proof.extra is None:
        raise ProofError("The proof does not carry the line it proves.")
    origin = Checkpoint.parse(split_note(proof.note)[0]).origin
    policy = read_policy(options.policy)
    key, source = _key(origin, options, policy)
    log = verify_proof(proof, proof.extra, key, origin)
    line = proof.extra.decode("ascii", "backslashreplace")
    place = f"entry {number(proof.index)} of the {number(log.size)} in {origin}"
    head = "This proof holds: the line is in the log."
    facts, checked = {"Place": place}, [key.name]
    if policy:
        found = _cosigned(policy, proof.note)
        facts |= _witnesses(policy, found)
        checked += [one.verifier.name for one in policy.witnesses if one.name in found]
    return _told(head, line, facts, _others(proof.note, checked), key, source)


def _cosigned(policy: Policy, note: str) -> dict[str, int]:
    """Who of the policy has cosigned, and when. Raises ProofError when they are not enough."""
    found = policy.cosigned(note)
    if not policy.is_reached(found):
        raise ProofError(policy.complaint(found))
    return found


def _witnesses(policy: Policy, found: dict[str, int]) -> dict[str, str]:
    told = [f"{name} on {moment(time)}" for name, time in found.items()]
    return {"Witnesses": ", ".join(told) or "none", "Quorum": f"{policy.quorum}: reached"}


def _others(note: str, checked: Collection[str]) -> str:
    signers = dict.fromkeys(signature.name for signature in split_note(note)[1])
    return ", ".join(name for name in signers if name not in checked)


def _promise(promise: PromiseFile, options: argparse.Namespace) -> str:
    origin = split_note(promise.note)[0].partition("\n")[0].removesuffix(" receipt")
    if options.policy:
        raise CannotRun("No witness cosigns a promise: --policy is for proofs.")
    key, source = _key(f"{origin}/receipt", options, None)
    promised = verify_promise(promise, key, origin)
    head = (
        "This promise holds: the line must be in the log by the time below. If it is not, this "
        "file is evidence; `stimme audit` with --receipt tells."
    )
    facts = {"Log": origin, "Due": moment(promised.deadline)}
    return _told(head, promised.line, facts, _others(promise.note, [key.name]), key, source)


def _key(name: str, options: argparse.Namespace, policy: Policy | None) -> tuple[Verifier, str]:
    """The key of this name, and where it is from: given, or remembered by this instance.

    A receipt cannot vouch for itself, so without one there is nothing to judge.
    """
    own = Path(os.environ.get("STIMME_HOME", "var")) / "log" / "keys"
    if options.vkey:
        keys = Keys.parse(options.vkey, FROM_YOU)
    elif policy and policy.logs and not options.keys:
        keys = Keys.of_policy(policy, str(options.policy))
    elif options.keys or own.is_file():
        path = options.keys or own
        keys = Keys.parse(read_text(path).splitlines(), str(path))
    else:
        keys = Keys({}, "")
    if name not in keys.by_name:
        raise CannotRun(
            f"This is signed by {name}, and the key of that name is needed: give it with --vkey, "
            "or with --keys a copy of the log's keys that you trust."
        )
    return keys.by_name[name], keys.source


def _told(
    head: str, line: str, facts: dict[str, str], others: str, key: Verifier, source: str
) -> str:
    told = _vote(line) | facts | {"Short code": short_code(line), "Signed by": key.name}
    told |= {"Key": f"{key.vkey} (from {source})", "Line": line}
    told |= {"Not checked": f"the signatures of {others}"} if others else {}
    return "\n".join([head, "", *(f"{what + ':':<13}{plain(fact)}" for what, fact in told.items())])


def _vote(line: str) -> dict[str, str]:
    try:
        vote = parse_line(line)
    except GrammarError:
        return {"What": "a line that is not of a Stimme log"}
    if not isinstance(vote, VoteLine):
        return {"What": f"not a vote, but a line of the kind “{vote.WORD}”"}
    begin = parse_hour(vote.hour)
    return {
        "What": _CHOICES[vote.choice],
        "Cause": vote.cid,
        "When": f"{begin:%Y-%m-%d}, in the hour from {begin:%H:%M} UTC",
        "Level": f"{vote.level} ({_LEVELS.get(vote.level[0], 'not known')})",
        "Seat": f"{vote.pseudonym}, {_turn(vote.seq)}",
        "Voter's key": "none: the operator cast it for the voter (custodial)"
        if vote.vk is None
        else vote.vk,
    }


def _turn(seq: int) -> str:
    return f"change number {number(seq)}" if seq else "its first vote"
