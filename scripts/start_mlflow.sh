#!/usr/bin/env bash
# Serve the tracking store on http://127.0.0.1:5000 (MLFLOW_PORT). Usage: scripts/start_mlflow.sh [mlflow server options]
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -f .env ]; then set -a; . ./.env; set +a; fi
mlflow=mlflow
[ -x .venv/bin/mlflow ] && mlflow=.venv/bin/mlflow
store=${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db}
case $store in
  http*) echo "MLFLOW_TRACKING_URI is $store: that server is already elsewhere; unset it to serve a local store" >&2; exit 2 ;;
esac

echo "MLflow shows $store on http://127.0.0.1:${MLFLOW_PORT:-5000} (Ctrl-C ends it)"
# One worker and no job runner: a fifth of the memory, and plenty for one team.
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false MLFLOW_DISABLE_TELEMETRY=true
exec "$mlflow" server --host 127.0.0.1 --port "${MLFLOW_PORT:-5000}" --workers 1 --backend-store-uri "$store" "$@"
