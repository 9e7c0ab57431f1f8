# Shared by the commands of scripts/dev.

# The system's own Python: a version manager's python3 in PATH may lack what Debian ships.
PYTHON=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
RELEASE=$ROOT/build/release

say() { printf '\n== %s\n' "$*"; }

# run WORDS...: shows a command, then runs it.
run() {
  printf '$'
  printf ' %q' "$@"
  printf '\n'
  "$@"
}

cores() { nproc; }

# Where the results (JUnit files) of a command go; .ci/run collects those of several commands in one folder.
results_of() {
  RESULTS=${JPKI_RESULTS:-$ROOT/build/results}/$1
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"
}

failures_so_far() { cat "$RESULTS"/*.xml 2>/dev/null | grep -c '<failure' || true; }

# result NAME [failed]: a test case that the shell decided.
result() {
  local file
  file=$RESULTS/$(printf '%s' "$1" | tr -c 'a-z0-9\n' -).xml
  printf '<testsuite name="stages"><testcase name="%s">%s</testcase></testsuite>\n' \
    "$1" "${2:+<failure message=\"failed\"></failure>}" > "$file"
}

# stage NAME WORDS...: runs a stage, remembers how long it took, and sets STAGE to ok or failed. A failing stage
# does not end the script: later ones may tell more. One that fails without a failed test in its results is a
# failed test itself. Never call it in a condition: there bash would not heed errexit inside the stage.
STAGES=()
stage() {
  local name=$1 begin=$SECONDS failures
  failures=$(failures_so_far)
  shift
  say "$name"
  STAGE=ok
  set +e
  (set -e; "$@")
  [ $? = 0 ] || STAGE=failed
  set -e
  if [ $STAGE = failed ] && [ "$(failures_so_far)" = "$failures" ]; then result "$name" failed; fi
  STAGES+=("$(printf '%-32s %4d s  %s' "$name" $((SECONDS - begin)) "$STAGE")")
}

# Prints the stages and the totals; the last line is "N passed, N failed".
finish() {
  say "stages"
  printf '%s\n' "${STAGES[@]}"
  say "totals"
  "$PYTHON" scripts/totals.py "$RESULTS"
}
