"""The script that reads the public log, against the vectors that the engine answers."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from stimme.engines.translog import Tree, inclusion_path, leaf_hash, promise_batch
from tests.browser.conftest import Visits
from tests.unit.translog.small_log import (
    EXAMPLE,
    LOG_KEY,
    ORIGIN,
    RECEIPT_KEY,
    SmallLog,
    many_votes,
)

MODULE = "/static/stimme/js/tlog.js"
# What a test's script may use: the module, `bytes` of base64, and `read` of the given files.
WITH_MODULE = """async (given) => {
    const tlog = await import(given.module);
    const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    const read = async (path) => (path in given.files ? bytes(given.files[path]) : null);
    %s
}"""


def run(
    page: Page,
    script: str,
    files: dict[str, bytes],
    **given: Any,  # noqa: ANN401  whatever JSON can say
) -> Any:  # noqa: ANN401
    texts = {path: b64encode(data).decode() for path, data in files.items()}
    return page.evaluate(WITH_MODULE % script, {"module": MODULE, "files": texts, **given})


@pytest.fixture
def module_page(visits: Visits) -> Page:
    return visits.open("/verify/")


def test_the_module_agrees_with_the_example_of_the_format(module_page: Page) -> None:
    log = SmallLog.of(EXAMPLE[:1], EXAMPLE[1:3], EXAMPLE[3:])
    script = """
    const key = await tlog.parseKey(given.vkey);
    const now = await tlog.openCheckpoint(given.checkpoints[2], key, given.origin);
    const tree = new tlog.Tree(now, read);
    await tree.trust();
    for (const note of given.checkpoints) {
        const old = await tlog.openCheckpoint(note, key, given.origin);
        const path = await tree.consistencyPath(old.size);
        await tlog.verifyConsistency(old.size, now.size, path, old.root, now.root);
    }
    for (let index = 0; index < now.size; index += 1) {
        const [leaf, path] = [await tree.leaf(index), await tree.inclusionPath(index)];
        await tlog.verifyInclusion(leaf, index, now.size, path, now.root);
    }
    const entry = await tree.entry(1);
    const leaf = await tlog.leafHash(entry);
    return [
        now.size, tlog.base64(now.root), tlog.textOf(entry), tlog.base64(leaf),
        await tlog.shortCode(entry), await tree.find(leaf, 9, () => {}), tlog.readVote(given.line),
    ];
    """
    given = {"vkey": LOG_KEY.vkey, "origin": ORIGIN, "checkpoints": log.checkpoints}
    *_, vk, sig = EXAMPLE[3].split(" ")
    assert run(module_page, script, log.files, line=EXAMPLE[3], **given) == [
        4,
        "jJdp7Nvop+A3RsWZHVqfFEoZ1n6fpXcSGGxPllGWOxw=",
        EXAMPLE[1],
        "74hSVHHO632S4ah4q2PzNiSeEM7DWg8ATP5+t3kHHps=",
        "56ef-evdr-z3vx-3exb-vb4k-wy7t",
        1,
        {
            "cid": "P0zf875xeNbzuPiW4kUPPQ",
            "seat": "EahA2NdnkTkAF7RNlwygZA",
            "seq": 1,
            "choice": "against",
            "level": "0",
            "day": "2027-03-02",
            "hour": "09",
            "vk": vk,
            "sig": sig,
        },
    ]


def test_the_module_reads_the_promise_of_the_example(module_page: Page) -> None:
    promise = promise_batch(RECEIPT_KEY, ORIGIN, EXAMPLE[1:3], 1_804_000_000)[1]
    script = """
    const receipt = tlog.parseReceipt(given.text);
    const key = await tlog.parseKey(given.vkey);
    const { size, root, deadline } = await tlog.openPromise(receipt.note, key, given.origin);
    const leaf = await tlog.leafHash(receipt.entry);
    await tlog.verifyInclusion(leaf, receipt.index, size, receipt.path, root);
    return [receipt.kind, receipt.line, size, deadline];
    """
    given = {"text": promise.encode(), "vkey": RECEIPT_KEY.vkey, "origin": ORIGIN}
    assert run(module_page, script, {}, **given) == ["promise", EXAMPLE[2], 2, 1_804_000_000]


# The spec: from the empty log an empty proof leads anywhere. The probe wants an error there.
DEVIATIONS = {"consistency/additional/size1-is-zero-and-size2-is-not-zero.json"}


def test_the_module_answers_each_probe_as_it_wants(module_page: Page, shared: Path) -> None:
    folder = shared / "vectors" / "tlog" / "merkle-proofs"
    kinds = ("inclusion", "consistency")
    paths = sorted(path for kind in kinds for path in (folder / kind).rglob("*.json"))
    probes = [json.loads(path.read_text()) for path in paths]
    script = """
    const hash = (text) => bytes(text ?? "");
    const answers = [];
    for (const probe of given.probes) {
        const path = (probe.proof ?? []).map(hash);
        const check = "leafIdx" in probe
            ? tlog.verifyInclusion(
                hash(probe.leafHash), probe.leafIdx, probe.treeSize, path, hash(probe.root))
            : tlog.verifyConsistency(
                probe.size1, probe.size2, path, hash(probe.root1), hash(probe.root2));
        answers.push(await check.then(() => false, (fault) => fault.code));
    }
    return answers;
    """
    answers = run(module_page, script, {}, probes=probes)
    assert len(answers) == 196
    assert set(answers) == {False, "path", "forked"}
    wrong = {
        path.relative_to(folder).as_posix()
        for path, probe, answer in zip(paths, probes, answers, strict=True)
        if bool(answer) != probe["wantErr"]
    }
    assert wrong == DEVIATIONS


def test_the_module_reads_a_log_by_others(module_page: Page, shared: Path) -> None:
    folder = shared / "vectors" / "tlog" / "tessera-log"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".state" not in path.parts
    }
    vkey = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    script = """
    const key = await tlog.parseKey(given.vkey);
    const words = [];
    for (let size = 1; size <= 15; size += 1) {
        const note = tlog.textOf(await read(`checkpoint.${size}`));
        const tree = new tlog.Tree(await tlog.openCheckpoint(note, key, key.name), read);
        await tree.trust();
        words.push(tlog.textOf(await tree.entry(size - 1)));
    }
    return words;
    """
    words = run(module_page, script, files, vkey=vkey)
    assert words[:7] == ["one", "two", "three", "four", "five", "six", "seven"]
    assert words[-1] == "fivten"


def test_the_module_proves_each_place_in_logs_of_awkward_sizes(module_page: Page) -> None:
    lines = many_votes(599)
    leaves = [leaf_hash(line.encode()) for line in lines]
    script = """
    const tree = new tlog.Tree({ size: given.size, root: bytes(given.root) }, read);
    await tree.trust();
    const path = await tree.inclusionPath(given.index);
    return path.map(tlog.base64);
    """
    for size in (1, 2, 255, 256, 257, 511, 512, 513, 600):
        log = SmallLog.of(lines[:size])
        root = b64encode(Tree(log.read, size).root()).decode()
        for index in {0, size // 2, size - 1}:
            found = run(module_page, script, log.files, size=size, root=root, index=index)
            expected = inclusion_path(leaves[:size], index)
            assert found == [b64encode(one).decode() for one in expected]
