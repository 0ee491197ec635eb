"""For tests and evals alike: whatever they start reports to nobody."""

import os

os.environ["MLFLOW_DISABLE_TELEMETRY"] = os.environ["DO_NOT_TRACK"] = "true"
