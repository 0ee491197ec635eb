"""Judging sessions: statistics, metrics, the gate, comparisons, the baseline."""
