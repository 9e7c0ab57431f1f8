# dev test, dev asan, dev tsan, dev coverage.

# ctest_part FOLDER NAME ARGUMENTS...: runs a part of a build's tests, with results in JUnit.
ctest_part() {
  local folder=$1 name=$2
  shift 2
  run ctest --test-dir "$folder" --output-on-failure --timeout 300 --no-tests=ignore --parallel "$(cores)" \
    --output-junit "$RESULTS/$name.xml" "$@"
}

# Unit tests need no reader, no card, no service, and less than ten seconds. Processor seconds are held to the
# limit as well as the clock on the wall, which also counts what else the machine is doing: the smaller counts.
unit_tests() {
  local begin=$SECONDS wall spent
  ctest_part "$RELEASE" unit -L unit
  wall=$((SECONDS - begin))
  child_seconds
  spent=$((CHILD_SECONDS < wall ? CHILD_SECONDS : wall))
  echo "unit tests: $wall s by the clock, $CHILD_SECONDS s of processor time (limit 10)"
  [ "$spent" -lt 10 ]
}

# Sets CHILD_SECONDS: what ended children of this very (sub)shell have used. A pipe would be a shell of its own.
child_seconds() {
  local words
  times > "$RESULTS/times"
  words=$(tail -1 "$RESULTS/times" | tr 'ms.,' '    ')
  set -- $words
  CHILD_SECONDS=$(($1 * 60 + $2 + $4 * 60 + $5))
}

# python_tests PRESET FOLDER: end-to-end tests with the programs and modules of a build.
python_tests() {
  local name
  name=$(basename "$2")
  JPKI_BUILD=$ROOT/build/$1 run "$PYTHON" tests/run.py -j "$(cores)" --junit "$RESULTS/$name.xml" "$2"
}

dev_test() {
  results_of test
  stage "install" dev_install build test
  [ $STAGE = failed ] || stage "build" build_preset release
  if [ $STAGE = ok ]; then
    stage "unit tests" unit_tests
    stage "other tests in process" ctest_part "$RELEASE" in-process -LE unit
    stage "scenarios" python_tests release tests/scenarios
    stage "pcscd end to end" python_tests release tests/pcsc
    stage "hazards: each proof ran" run "$PYTHON" tests/support/hazards.py ran "$RESULTS"
  fi
  finish
}

# sanitized COMMAND PRESET RUNTIME TARGET: builds the target under a sanitizer and sets the tests' environment. Programs
# of ours carry the runtime; for pkcs11-tool and Python, which load our module, it is preloaded
# (tests/pcsc/harness/world.py). Their own leaks are not ours.
sanitized() {
  results_of "$1"
  stage "$2: install" dev_install build test
  [ $STAGE = failed ] || stage "$2: build" build_preset "$2" "$4"
  export UBSAN_OPTIONS=print_stacktrace=1
  export TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1 suppressions=$ROOT/tests/tsan.supp"
  export ASAN_OPTIONS=strict_string_checks=1:detect_leaks=0 JPKI_TEST_PRELOAD
  # The C++ library too: the runtime looks for its throw when it starts.
  JPKI_TEST_PRELOAD="$(g++ -print-file-name="$3") $(g++ -print-file-name=libstdc++.so.6)"
}

# Without address randomisation: GCC 12's thread sanitizer cannot place its shadow memory on newer kernels.
run_unmoved() { run setarch "$(uname -m)" -R "$@"; }

# unmoved_ctest PRESET ARGUMENTS...: programs of ours alone, so that leaks are told.
unmoved_ctest() {
  local preset=$1
  shift
  ASAN_OPTIONS=strict_string_checks=1 JPKI_TEST_PRELOAD='' run_unmoved ctest --timeout 300 --test-dir "build/$preset" \
    --output-on-failure --parallel "$(cores)" --output-junit "$RESULTS/in-process.xml" "$@"
}

# unmoved_tests PRESET FOLDER [PATTERN]
unmoved_tests() {
  JPKI_BUILD=$ROOT/build/$1 run_unmoved "$PYTHON" tests/run.py -j "$(cores)" -k "${3:-}" \
    --junit "$RESULTS/$(basename "$2").xml" "$2"
}

dev_asan() {
  local preset=asan-ubsan
  sanitized asan $preset libasan.so all
  if [ $STAGE = ok ]; then
    stage "$preset: tests in process" unmoved_ctest $preset
    stage "$preset: conformance" conformance_tests $preset conformance -k test_our_tokens
    stage "$preset: scenarios" unmoved_tests $preset tests/scenarios
    stage "$preset: pcscd end to end" unmoved_tests $preset tests/pcsc
  fi
  finish
}

# What has threads: the libraries, and the programs that serve others.
dev_tsan() {
  sanitized tsan tsan libtsan.so threads
  if [ $STAGE = ok ]; then
    stage "tsan: tests in process" unmoved_ctest tsan -L threads
    stage "tsan: scenarios" unmoved_tests tsan tests/scenarios '^test_(agency|bridge|in_process|self|soft_tokens|window)'
    stage "tsan: pcscd end to end" unmoved_tests tsan tests/pcsc '^test_(?!bench|budgets|opensc)'
  fi
  finish
}

# coverage_of [--all]: the lines of the folders that have a floor (scripts/coverage.py), run by their tests in process, whose
# names are their targets' too; or of all folders, by all of them.
coverage_of() {
  local chosen=() targets=()
  if [ "${1:-}" != --all ]; then
    chosen=(-R "$("$PYTHON" scripts/coverage.py --tests)")
    cmake --preset coverage > /dev/null
    mapfile -t targets < <(ctest --test-dir build/coverage -N "${chosen[@]}" | sed -n 's/^ *Test *#[0-9]*: //p')
  fi
  build_preset coverage "${targets[@]}"
  find build/coverage -name '*.gcda' -delete
  ctest_part build/coverage coverage "${chosen[@]}"
  run "$PYTHON" scripts/coverage.py build/coverage "$@"
}

# dev coverage [--all]
dev_coverage() {
  results_of coverage
  stage "coverage: install" dev_install build test
  if [ $STAGE = ok ]; then
    stage "coverage: build, tests, lines" coverage_of "$@"
    [ $STAGE = failed ] || result "floors"
  fi
  finish
}
