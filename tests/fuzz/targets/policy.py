"""A policy of witnesses: read alike when written again, and a quorum counts as by hand."""

from stimme.engines.translog import Policy, PolicyError, parse_policy


def written(policy: Policy) -> bytes:
    lines = [f"log {one.verifier.vkey} {one.url}" for one in policy.logs]
    lines += [f"witness {one.name} {one.verifier.vkey} {one.url}" for one in policy.witnesses]
    lines += [f"group {one.name} {one.threshold} {' '.join(one.members)}" for one in policy.groups]
    lines += [f"quorum {policy.quorum}", ""]
    return "\n".join(lines).encode(errors="surrogateescape")


def is_reached(policy: Policy, name: str, signed: set[str]) -> bool:
    groups = {one.name: one for one in policy.groups}
    if name not in groups:
        return name in signed or name == "none"
    group = groups[name]
    return sum(is_reached(policy, one, signed) for one in group.members) >= group.threshold


def check(data: bytes) -> None:
    try:
        policy = parse_policy(data)
    except PolicyError:
        return
    assert written(parse_policy(written(policy))) == written(policy)
    names = [one.name for one in policy.witnesses]
    defined = [*names, *(one.name for one in policy.groups)]
    assert len(set(defined)) == len(defined)
    assert policy.quorum in (*defined, "none")
    assert policy.is_reached(names)
    for signed in [set[str](), *({name} for name in names), set(names[::2])]:
        assert policy.is_reached(signed) == is_reached(policy, policy.quorum, signed)
