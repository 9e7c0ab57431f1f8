# dev clients: other people's programs with our module.

# dev clients [-k WORD]: each with the virtual card in the reader of a private pcscd, and with a software token. It ends with a
# line for every client and token.
dev_clients() {
  results_of clients
  stage "install" dev_install build test clients
  [ $STAGE = failed ] || stage "build" build_preset release
  [ $STAGE = failed ] || stage "clients" client_tests "$@"
  finish
}

client_tests() {
  local status=0
  JPKI_BUILD=$RELEASE run "$PYTHON" tests/run.py -j "$(cores)" --junit "$RESULTS/clients.xml" "$@" tests/clients || status=$?
  printf '\n'
  "$PYTHON" scripts/clients.py "$RESULTS/clients.xml" tests/clients
  return "$status"
}
