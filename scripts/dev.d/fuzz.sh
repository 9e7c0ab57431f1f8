# dev fuzz: whatever can be read or called, with bytes that nobody meant, under the sanitizers.

FUZZ_TARGETS=(certificate der configuration card calls token_file oasis)

# Certificates, a revocation list and a signature to begin with.
certificate_seeds() {
  local place=$1 corpus=$2 half bin=$RELEASE/bin
  "$bin/jpki-counter" new-ca "$place/ca" > /dev/null
  "$bin/jpki-counter" new-ca "$place/juki-ca" --governor Tokyo > /dev/null
  "$bin/jpki-counter" issue "$place/ca" "$place/card" --test-pins > /dev/null
  "$bin/jpki-counter" issue "$place/ca" "$place/other" --test-pins --name '𠮷〓　一郎' --substituted-name 01000 \
    --birth 1950-06-00 --expires 2030-01-01 --sex unknown > /dev/null
  "$bin/jpki-counter" issue "$place/juki-ca" "$place/juki" --kind juki --test-pins > /dev/null
  for half in card other juki; do
    for file in "$place/$half"/certs/*.der; do cp "$file" "$corpus/$half-$(basename "$file")"; done
  done
  openssl x509 -inform DER -in "$place/card/certs/sign.der" -out "$corpus/sign.pem"
  openssl cms -sign -binary -nodetach -in README.md -signer "$corpus/sign.pem" -inkey "$place/card/keys/sign.pem" \
    -outform DER -out "$corpus/signature.p7m"
}

# fuzz_one TARGET SECONDS: goes on from build/fuzz/corpus/TARGET, which grows from run to run; what is found lies beside it.
# The same JPKI_FUZZ_SEED goes the same way, from the same corpus.
fuzz_one() {
  local target=$1 seconds=$2 corpus=$ROOT/build/fuzz/corpus/$1 dictionary=$ROOT/tests/fuzz/dictionaries/$1.dict words=()
  mkdir -p "$corpus"
  [ ! -e "$dictionary" ] || words+=("-dict=$dictionary")
  ASAN_OPTIONS=allocator_may_return_null=1:detect_odr_violation=0 "$ROOT/build/fuzz/bin/fuzz_$target" \
    -max_total_time="$seconds" -seed="${JPKI_FUZZ_SEED:-0}" -len_control=0 -timeout=20 -rss_limit_mb=3000 -max_len=8192 -print_final_stats=1 "${words[@]}" \
    -artifact_prefix="$ROOT/build/fuzz/$target-" "$corpus" "$ROOT/tests/fuzz/corpus/$target" \
    > "$ROOT/build/fuzz/$target.log" 2>&1
}

# fuzz_all SECONDS TARGET...: two at a time where there are two cores; a line for each, and the end of the log of one that fell.
fuzz_all() {
  local seconds=$1 target waiting=0 fallen=0
  shift
  for target in "$@"; do
    ( fuzz_one "$target" "$seconds" && result "fuzz $target" || result "fuzz $target" failed ) &
    waiting=$((waiting + 1))
    if [ "$waiting" -ge "$(cores)" ]; then wait -n; waiting=$((waiting - 1)); fi
  done
  wait
  for target in "$@"; do
    printf '%-14s %s\n' "$target" "$(fuzz_summary "$ROOT/build/fuzz/$target.log")"
    if grep -q failure "$RESULTS/fuzz-$(printf '%s' "$target" | tr -c 'a-z0-9' -).xml"; then
      fallen=1
      tail -40 "$ROOT/build/fuzz/$target.log"
    fi
  done
  return "$fallen"
}

# Executions, code covered (edges), inputs kept, the most memory.
fuzz_summary() {
  local covered
  covered=$(grep -o 'cov: [0-9]*' "$1" | tail -1)
  printf '%s; ' "${covered:-cov: none}" "$(grep -o 'corp: [0-9]*' "$1" | tail -1)"
  grep -E 'number_of_executed_units|average_exec_per_sec|peak_rss_mb' "$1" | sed 's/stat:://; s/: */: /' | paste -s -d ';' | sed 's/;/; /g'
}

# dev fuzz [TARGET] [SECONDS]: one or all of them, 60 seconds each unless told.
dev_fuzz() {
  local targets=("${FUZZ_TARGETS[@]}") seconds=60
  if [ $# -gt 0 ] && ! [[ $1 =~ ^[0-9]+$ ]]; then
    targets=("$1")
    [[ " ${FUZZ_TARGETS[*]} " == *" $1 "* ]] || { echo "scripts/dev fuzz: targets are ${FUZZ_TARGETS[*]}" >&2; return 2; }
    shift
  fi
  [ $# = 0 ] || seconds=$1
  results_of fuzz
  stage "fuzz: install" dev_install build test fuzz
  [ $STAGE = failed ] || stage "fuzz: build" fuzz_build "${targets[@]}"
  [ $STAGE = failed ] || stage "fuzz: $seconds s each" fuzz_all "$seconds" "${targets[@]}"
  finish
}

fuzz_build() {
  local place
  build_preset fuzz "${@/#/fuzz_}"
  [[ " $* " == *" certificate "* ]] || return 0
  build_preset release
  place=$(mktemp -d "${TMPDIR:-/tmp}/jpki-fuzz-XXXXXX")
  mkdir -p "$ROOT/build/fuzz/corpus/certificate"
  certificate_seeds "$place" "$ROOT/build/fuzz/corpus/certificate"
  rm -rf "$place"
}
