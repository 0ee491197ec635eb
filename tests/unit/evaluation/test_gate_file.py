from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.gate import load_gate

if TYPE_CHECKING:
    from pathlib import Path

GATE = """
max_cost_usd: 2.0
rules:
  - pass_rate >= 0.98
  - brief/pass_rate[github] >= 0.9      # only cases with this tag
  - latency_seconds/p95 <= 30
"""


def test_a_gate_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text(GATE, encoding="utf-8")
    gate = load_gate(file)
    assert gate.source == str(file)
    assert gate.max_cost_usd == 2.0
    assert [rule.text for rule in gate.rules] == [
        "pass_rate >= 0.98",
        "brief/pass_rate[github] >= 0.9",
        "latency_seconds/p95 <= 30",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("rule: [pass_rate >= 1]", "there is no key 'rule'; did you mean 'rules'?"),
        ("zzz: 1", "there is no key 'zzz'; the keys are max_cost_usd, rules"),
        ("rules: [pas_rate >= 1]", "rule 'pas_rate >= 1': no metric is called 'pas_rate'; did you mean 'pass_rate'?"),
        ("rules:\n  - pass_rate: 0.9", "rules.0: Input should be a valid string (got {'pass_rate': 0.9})"),
        ("rules: pass_rate >= 1", "rules: Input should be a valid tuple (got 'pass_rate >= 1')"),
        ("max_cost_usd: cheap", "max_cost_usd: Input should be a valid number (got 'cheap')"),
        ("max_cost_usd: -1", "max_cost_usd: Input should be greater than or equal to 0 (got -1)"),
        ("max_cost_usd: .nan", "max_cost_usd: "),
        ("max_cost_usd: true", "max_cost_usd: "),
        ("", "it asks nothing"),
        ("rules: []", "it asks nothing"),
        ("- pass_rate >= 1", "the file: "),
        ("rules: [", "it is not valid YAML"),
        ("rules: [pass_rate >= 1]\nrules: [cases >= 1]", "key 'rules' stands twice"),
    ],
)
def test_a_file_that_is_no_gate_is_an_error_naming_file_and_fix(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_gate(file)
    assert str(caught.value).startswith(f"gate {str(file)!r}: {problem}")


def test_a_gate_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file; make it, or mend --eval-gate"):
        load_gate(tmp_path / "gate.yaml")
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        load_gate(tmp_path)
