# dev test, dev asan, dev tsan, dev coverage.

# ctest_part FOLDER NAME ARGUMENTS...: runs a part of a build's tests, with results in JUnit.
ctest_part() {
  local folder=$1 name=$2
  shift 2
  run ctest --test-dir "$folder" --output-on-failure --no-tests=ignore --parallel "$(cores)" \
    --output-junit "$RESULTS/$name.xml" "$@"
}

# Unit tests need no reader, no card, no service, and less than ten seconds. Processor seconds are what is
# held to the limit: the clock on the wall also counts what else the machine is doing.
unit_tests() {
  local begin spent
  begin=$(child_seconds)
  ctest_part "$RELEASE" unit -L unit
  spent=$(($(child_seconds) - begin))
  echo "unit tests: $spent s of processor time (limit 10)"
  [ "$spent" -lt 10 ]
}

child_seconds() {  # whole seconds that ended child processes have used
  local words
  words=$(times | tail -1)
  echo "$words" | sed -E 's/([0-9]+)m([0-9]+)[.,][0-9]+s ([0-9]+)m([0-9]+)[.,][0-9]+s/\1 \2 \3 \4/' |
    { read -r a b c d; echo $((a * 60 + b + c * 60 + d)); }
}

python_tests() {
  local folder=$1
  JPKI_BUILD=$RELEASE run "$PYTHON" tests/run.py -j "$(cores)" --junit "$RESULTS/$(basename "$folder").xml" "$folder"
}

dev_test() {
  results_of test
  if stage "install" dev_install build test && stage "build" build_preset release; then
    check "arrows" "$PYTHON" tests/arrows.py
    stage "unit tests" unit_tests || true
    stage "other tests in process" ctest_part "$RELEASE" in-process -LE unit || true
    stage "scenarios" python_tests tests/scenarios || true
    stage "pcscd end to end" python_tests tests/pcsc || true
  fi
  finish
}

# The in-process tests under a sanitizer: everything that ctest knows.
sanitized() {
  local preset=$1
  results_of "$preset"
  if stage "$preset: install" dev_install build && stage "$preset: build" build_preset "$preset"; then
    # Without address randomisation: GCC 12's thread sanitizer cannot place its shadow on newer kernels.
    export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
    export TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1"
    stage "$preset: tests" run setarch "$(uname -m)" -R ctest --test-dir "build/$preset" --output-on-failure \
      --parallel "$(cores)" --output-junit "$RESULTS/in-process.xml" || true
  fi
  finish
}

dev_asan() { sanitized asan-ubsan; }
dev_tsan() { sanitized tsan; }

dev_coverage() {
  dev_install build test
  build_preset coverage
  find build/coverage -name '*.gcda' -delete
  run ctest --test-dir build/coverage --output-on-failure --parallel "$(cores)"
  "$PYTHON" scripts/coverage.py build/coverage
}
