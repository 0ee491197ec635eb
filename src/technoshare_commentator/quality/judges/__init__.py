"""Scorers that ask a model whether a commentary is true to its page, relevant to its themes, or made up."""
