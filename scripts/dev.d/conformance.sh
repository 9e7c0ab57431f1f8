# dev conformance: our tokens, and other modules, before the conformance suite.

# conformance_card NAME MODULE TOKEN PIN OPTIONS...
conformance_card() {
  local name=$1 module=$2 token=$3 pin=$4
  shift 4
  printf '%s\n' "$pin" > "$PLACE/pin"
  env JPKI_PCSC=0 JPKI_VIRTUAL_CARDS="$PLACE/card" "$RELEASE/bin/jpki-conformance" --module "$module" --token "$token" \
    --pin-file "$PLACE/pin" --junit "$RESULTS/$name.xml" "$@"
}

# dev conformance OPTIONS...: both tokens of a test card. Options go to jpki-conformance (--profiles DIR, --only PATTERN).
dev_conformance() {
  results_of conformance
  dev_install build test
  build_preset release
  PLACE=$(mktemp -d "${TMPDIR:-/tmp}/jpki-conformance-XXXXXX")
  trap 'rm -rf "$PLACE"' EXIT
  "$RELEASE/bin/jpki-counter" new-ca "$PLACE/ca" > /dev/null
  "$RELEASE/bin/jpki-counter" issue "$PLACE/ca" "$PLACE/card" --test-pins > /dev/null
  # No configuration of this machine's, no card but the new one.
  export HOME=$PLACE XDG_CONFIG_HOME=$PLACE/.config
  unset JPKI_CONFIG JPKI_VIRTUAL_CARDS JPKI_PCSC JPKI_SOFT_TOKENS
  stage "authentication token" conformance_card auth "$RELEASE/lib/jpki-pkcs11.so" "JPKI User Authentication" 1234 "$@"
  stage "signature token" conformance_card sign "$RELEASE/lib/jpki-pkcs11.so" "JPKI Digital Signature" ABC123 "$@"
  finish
}
