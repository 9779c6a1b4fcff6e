"""What docs/operate tells Prometheus and the reader to watch is what the program shows."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from stimme.apps.ballot import metrics, watch_metrics, witness_metrics
from stimme.apps.ledger import notice_metrics

OPERATE = Path(__file__).parents[2] / "docs" / "operate"
SHOWN_BY = [metrics, notice_metrics, watch_metrics, witness_metrics]
ENDINGS = {"gauge": [""], "counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
NAME = re.compile(r"\bstimme_\w+")


def families() -> dict[str, str]:
    """Name -> kind of all that an instance measures."""
    assert SHOWN_BY  # importing them is what makes them known
    found = {one.name: one.type for one in REGISTRY.collect()}
    return {name: kind for name, kind in found.items() if name.startswith("stimme_")}


def names() -> set[str]:
    """As Prometheus sees them."""
    return {name + ending for name, kind in families().items() for ending in ENDINGS[kind]}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((OPERATE / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_there_is(rule: dict[str, Any]) -> None:
    assert set(NAME.findall(rule["expr"])) - names() == set()
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")


def test_every_metric_is_told_and_none_besides() -> None:
    table = re.findall(r"^\| `(stimme_\w+)`", (OPERATE / "storms.md").read_text(), re.MULTILINE)
    assert sorted(table) == sorted(
        name for name in names() if not name.endswith(("_sum", "_count"))
    )


def test_every_alert_has_its_advice() -> None:
    advice = (OPERATE / "storms.md").read_text()
    assert [rule["alert"] for rule in rules() if f"`{rule['alert']}`" not in advice] == []
