# dev reproducible, dev nightly: what takes too long for every change.

BUILT_FILES=(lib/jpki-pkcs11.so lib/jpki-pkcs11-auth.so lib/jpki-pkcs11-sign.so bin/jpki bin/jpki-vcard bin/jpki-counter
  bin/jpki-bench bin/jpki-conformance)

# copy_sources FOLDER EPOCH: the sources as git knows them, every file as old as EPOCH says.
copy_sources() {
  local folder=$1 epoch=$2
  mkdir -p "$folder"
  git ls-files -z --cached --others --exclude-standard | xargs -0 tar -cf - | tar -xf - -C "$folder"
  find "$folder" -exec touch -h -d "@$epoch" {} +
}

# build_copy FOLDER JOBS: without ccache, which would hand the first build's objects to the second.
build_copy() {
  local folder=$1 jobs=$2
  (
    cd "$folder"
    export CCACHE_DISABLE=1
    run cmake --preset package > /dev/null
    run cmake --build --preset package --parallel "$jobs" --target jpki-pkcs11 jpki-pkcs11-auth jpki-pkcs11-sign jpki jpki-vcard \
      jpki-counter jpki-bench jpki-conformance
  )
}

# dev reproducible: builds twice, in folders of other names and lengths, from files of other dates, with another time zone,
# language, umask and number of jobs; the libraries and programs must be the same, byte for byte.
dev_reproducible() {
  results_of reproducible
  stage "reproducible: install" dev_install build
  if [ $STAGE = ok ]; then
    stage "reproducible: two builds" reproducible_builds
    [ $STAGE = failed ] || result "reproducible"
  fi
  finish
}

reproducible_builds() {
  local place file differ=0
  place=$(mktemp -d "${TMPDIR:-/tmp}/jpki-twice-XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$place'" EXIT
  # Both copies before the first build: who goes on working meanwhile changes neither.
  (umask 022; copy_sources "$place/one" 1700000000)
  (umask 077; copy_sources "$place/another folder" 1790000000)
  (umask 022; TZ=UTC LC_ALL=C.UTF-8 build_copy "$place/one" "$(cores)")
  (umask 077; TZ=Asia/Tokyo LC_ALL=C build_copy "$place/another folder" 1)
  for file in "${BUILT_FILES[@]}"; do
    if cmp "$place/one/build/package/$file" "$place/another folder/build/package/$file"; then
      sha256sum "$place/one/build/package/$file" | sed "s|$place/one/build/package/||"
    else
      differ=1
    fi
  done
  return $differ
}

# The ABI tests and a life of the module under valgrind. What libcrypto and the module keep until the process ends on purpose
# (ARCHITECTURE.md, OpenSSL) is no leak: only what nothing points to any more counts.
valgrind_tests() {
  local test unwatched fallen=0
  for test in unit_abi abi_modules scenario_life scenario_arguments scenario_operations scenario_soft_objects scenario_objects \
    scenario_guards scenario_pins scenario_verify; do
    # It measures the process's memory, most of which is valgrind's own then.
    unwatched=()
    [ $test != scenario_life ] || unwatched=('~loaded\, used and unloaded a thousand times')
    run valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --child-silent-after-fork=yes \
      "$RELEASE/bin/$test" "${unwatched[@]}" || fallen=1
  done
  return $fallen
}

# dev nightly [SECONDS]: SECONDS (3600) of fuzzing for each target.
dev_nightly() {
  local seconds=${1:-3600}
  results_of nightly
  stage "nightly: install" dev_install build test fuzz tidy nightly
  [ $STAGE = failed ] || stage "nightly: build" build_preset release
  stage "nightly: clang-tidy" dev_tidy --all
  stage "nightly: cppcheck" dev_cppcheck
  stage "nightly: valgrind" valgrind_tests
  [ $STAGE = failed ] || result "valgrind"
  stage "nightly: coverage" coverage_of --all
  stage "nightly: reproducible" reproducible_builds
  [ $STAGE = failed ] || result "reproducible"
  package_elsewhere trixie
  stage "nightly: model" ctest_part "$RELEASE" model -L model
  stage "nightly: fuzz build" fuzz_build "${FUZZ_TARGETS[@]}"
  [ $STAGE = failed ] || stage "nightly: fuzz, $seconds s each" fuzz_all "$seconds" "${FUZZ_TARGETS[@]}"
  finish
}
