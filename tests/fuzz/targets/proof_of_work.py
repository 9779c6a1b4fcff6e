"""An answer to a proof of work: what we did not sign proves nothing, and costs us nothing.

JSON, which the target spells in base64 as browsers do; other bytes come as they are.
"""

from base64 import b64encode

from stimme.apps.accounts.proof_of_work import is_proven


def check(data: bytes) -> None:
    answer = b64encode(data).decode() if data[:1] in b"{[" else data.decode("latin-1")
    assert not is_proven(answer)
