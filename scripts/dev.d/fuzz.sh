# dev fuzz: the decoders with bytes that nobody meant, under the sanitizers.

# Certificates, a revocation list and a signature to begin with.
fuzz_seeds() {
  local place=$1 half bin=$RELEASE/bin
  "$bin/jpki-counter" new-ca "$place/ca" > /dev/null
  "$bin/jpki-counter" new-ca "$place/juki-ca" --governor Tokyo > /dev/null
  "$bin/jpki-counter" issue "$place/ca" "$place/card" --test-pins > /dev/null
  "$bin/jpki-counter" issue "$place/ca" "$place/other" --test-pins --name '𠮷〓　一郎' --substituted-name 01000 \
    --birth 1950-06-00 --expires 2030-01-01 --sex unknown > /dev/null
  "$bin/jpki-counter" issue "$place/juki-ca" "$place/juki" --kind juki --test-pins > /dev/null
  for half in card other juki; do
    for file in "$place/$half"/certs/*.der; do cp "$file" "$FUZZ_CORPUS/$half-$(basename "$file")"; done
  done
  openssl x509 -inform DER -in "$place/card/certs/sign.der" -out "$FUZZ_CORPUS/sign.pem"
  openssl cms -sign -binary -nodetach -in README.md -signer "$FUZZ_CORPUS/sign.pem" -inkey "$place/card/keys/sign.pem" \
    -outform DER -out "$FUZZ_CORPUS/signature.p7m"
}

# dev fuzz [SECONDS]: 60 unless told. What is found lies in build/fuzz; the corpus there grows from run to run.
dev_fuzz() {
  local seconds=${1:-60}
  results_of fuzz
  dev_install build test fuzz
  build_preset release
  run cmake --preset fuzz
  run cmake --build --preset fuzz --parallel "$(cores)" --target fuzz_certificate
  FUZZ_CORPUS=$ROOT/build/fuzz/corpus
  FUZZ_PLACE=$(mktemp -d "${TMPDIR:-/tmp}/jpki-fuzz-XXXXXX")
  trap 'rm -rf "$FUZZ_PLACE"' EXIT
  mkdir -p "$FUZZ_CORPUS"
  fuzz_seeds "$FUZZ_PLACE"
  stage "certificate" run "$ROOT/build/fuzz/bin/fuzz_certificate" -max_total_time="$seconds" -timeout=10 -max_len=8192 \
    -print_final_stats=1 -artifact_prefix="$ROOT/build/fuzz/" "$FUZZ_CORPUS"
  [ "$STAGE" = failed ] || result "certificate"
  finish
}
