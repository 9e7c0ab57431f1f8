# dev demo: a card signs, OpenSSL verifies.

# shown WORDS...: prints a command as a person would type it, then runs it.
shown() {
  local word line='$'
  for word in "$@"; do
    [ "$word" != bash ] || { line+=' ...'; break; }
    case "$word" in
      "$ROOT"/*) word=${word#"$ROOT"/} ;;
      *[!A-Za-z0-9_./:=,@%+-]*) word="'$word'" ;;
    esac
    line+=" $word"
  done
  printf '\n%s\n' "$line"
  "$@"
}

demo_sign() {  # demo_sign WHERE: the same commands, whichever way the module reaches the card
  local module=$MODULES/jpki-pkcs11.so key name id pin
  printf '\n--- %s\n' "$1"
  export PIN_AUTH=1234 PIN_SIGN=ABC123
  shown pkcs11-tool --module "$module" --list-token-slots
  shown pkcs11-tool --module "$MODULES/jpki-pkcs11-auth.so" --list-objects
  for key in auth:01:PIN_AUTH sign:02:PIN_SIGN; do
    IFS=: read -r name id pin <<< "$key"
    module=$MODULES/jpki-pkcs11-$name.so
    shown pkcs11-tool --module "$module" --login --pin "env:$pin" --sign --mechanism SHA256-RSA-PKCS --id "$id" \
      --input-file application.txt --output-file "$name.sig"
    shown pkcs11-tool --module "$module" --login --pin "env:$pin" --read-object --type cert --id "$id" \
      --output-file "$name.der"
    shown openssl x509 -inform DER -in "$name.der" -noout -pubkey -out "$name.pub"
    shown openssl x509 -inform DER -in "$name.der" -noout -subject -issuer -dates
    shown openssl dgst -sha256 -verify "$name.pub" -signature "$name.sig" application.txt
    rm "$name".*
  done
}

# dev demo [--installed]
dev_demo() {
  if [ "${1:-}" = --installed ]; then
    MODULES=$(pkg-config --variable=moduledir jpki-pkcs11)
    PROGRAMS=$(dirname "$(command -v jpki-counter)")
    export JPKI_BUILD=${PROGRAMS%/bin}
  else
    dev_install build test
    build_preset release
    MODULES=$RELEASE/lib PROGRAMS=$RELEASE/bin
  fi
  DEMO=$(mktemp -d "${TMPDIR:-/tmp}/jpki-demo-XXXXXX")
  trap 'rm -rf "$DEMO"' EXIT
  cd "$DEMO"
  printf '\nIn %s, which is removed at the end:\n' "$DEMO"
  echo '住民票の写しの交付を申請します。' > application.txt
  shown "$PROGRAMS/jpki-counter" new-ca ca
  shown "$PROGRAMS/jpki-counter" issue ca card --kind mynumber --test-pins
  # No configuration of this machine's, no card but the new one.
  export HOME=$DEMO XDG_CONFIG_HOME=$DEMO/.config
  unset JPKI_CONFIG JPKI_VIRTUAL_CARDS JPKI_PCSC
  (
    export JPKI_VIRTUAL_CARDS=$DEMO/card JPKI_PCSC=0
    printf '\n$ export JPKI_VIRTUAL_CARDS=%s/card JPKI_PCSC=0 PIN_AUTH=1234 PIN_SIGN=ABC123\n' "$DEMO"
    demo_sign "in process: the module itself plays the reader"
  )
  export -f demo_sign shown
  export ROOT MODULES
  shown "$ROOT/tests/pcsc/with_card.py" card -- \
    bash -euc 'demo_sign "through pcscd: jpki-vcard serve card sits in the virtual reader of a private pcscd"
      printf "\n--- the last commands that the card saw\n"
      tail -n 3 "$CARD_APDU_LOG"'
  printf '\nThe card signed with both keys, both ways, and OpenSSL verified every signature.\n'
}
