"""Prompts in MLflow's registry: kept in step with YAML, promoted by alias, read by jobs from a copy on disk."""
