"""A public or private key as text: one spelling, and refused by NoteError alone."""

from stimme.engines.translog import CosignatureVerifier, NoteError, Signer, Verifier


def check(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    accepted = []
    for kind in (Verifier, CosignatureVerifier):
        try:
            key = kind.from_vkey(text)
        except NoteError:
            continue
        assert key.vkey == text
        assert not key.verify("a text\n", data)
        accepted.append(key)
    assert len(accepted) <= 1
    private(text)


def private(text: str) -> None:
    said = ""
    try:
        assert Signer.from_skey(text).skey == text
    except NoteError as error:
        said = str(error)
    secret = text[-44:]
    assert secret not in said or text.count(secret) > 1 or len(secret) < 44
