# dev bench: what our modules cost, beside others.

# A test card in the reader of a private pcscd, through our three libraries and through OpenSC's driver.
bench_card() {
  local latency=()
  if [ "${1:-}" = --latency-ms ]; then
    latency=(--latency-ms "$2")
    shift 2
  fi
  BENCH=$(mktemp -d "${TMPDIR:-/tmp}/jpki-bench-XXXXXX")
  trap 'rm -rf "$BENCH"' EXIT
  "$RELEASE/bin/jpki-counter" new-ca "$BENCH/ca" > /dev/null
  "$RELEASE/bin/jpki-counter" issue "$BENCH/ca" "$BENCH/card" --test-pins > /dev/null
  # No configuration of this machine's, no card but the new one.
  export HOME=$BENCH XDG_CONFIG_HOME=$BENCH/.config OPENSC_CONF=/dev/null
  unset JPKI_CONFIG JPKI_VIRTUAL_CARDS JPKI_PCSC JPKI_SOFT_TOKENS
  export OPENSC
  OPENSC=$(ls /usr/lib/*/opensc-pkcs11.so | head -1)
  run "$ROOT/tests/pcsc/with_card.py" "${latency[@]}" "$BENCH/card" -- bash -euc '
    exec "$0" card --reader-log "$CARD_APDU_LOG" --test-pins --against "$OPENSC" "$@"' "$RELEASE/bin/jpki-bench" "$@"
}

# Our software token; without options SoftHSM2's beside it.
bench_soft() {
  [ $# -gt 0 ] || set -- --against "$(ls /usr/lib/softhsm/libsofthsm2.so)"
  run "$RELEASE/bin/jpki-bench" soft "$@"
}

# dev bench [SUITE] OPTIONS...: `card`, the default, gets a card (one that takes longer with --latency-ms N first);
# `soft` makes its tokens itself.
dev_bench() {
  local suite=card
  case "${1:--}" in
    -*) ;;
    *) suite=$1; shift ;;
  esac
  dev_install build test
  build_preset release
  case "$suite" in
    card) bench_card "$@" ;;
    soft) bench_soft "$@" ;;
    *) run "$RELEASE/bin/jpki-bench" "$suite" "$@" ;;
  esac
}
