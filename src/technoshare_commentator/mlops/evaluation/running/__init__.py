"""Running cases: the engine, its limits, and what is remembered of finished ones."""
