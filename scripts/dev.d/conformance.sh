# dev conformance: our tokens, and other modules, before the conformance suite.

# dev conformance [--update-reference] [--profiles DIR] [-k WORD]: every kind of token, in process and through pcscd;
# SoftHSM2 and OpenSC's driver as the runner's proof. Their results are held against conformance/reference, and
# docs/spec-coverage.md against what the modules say; --update-reference writes both. --profiles names a folder with the
# OASIS profiles' test cases, which are replayed then. -k: only tests whose name has this word.
dev_conformance() {
  local words=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --update-reference) export JPKI_UPDATE_REFERENCE=1 ;;
      --profiles) JPKI_OASIS_PROFILES=$(realpath "$2"); export JPKI_OASIS_PROFILES; shift ;;
      -k) words+=(-k "$2"); shift ;;
      *) echo "scripts/dev conformance: what is $1?" >&2; return 2 ;;
    esac
    shift
  done
  results_of conformance
  stage "install" dev_install build test
  [ $STAGE = failed ] || stage "build" build_preset release
  [ $STAGE = failed ] || stage "conformance" conformance_tests release tests "${words[@]}"
  finish
}

# One more at a time than there are cores: the cases through pcscd wait rather than work.
# conformance_tests PRESET NAME OPTIONS...: with the suite's own results beside the tests' (NAME.xml).
conformance_tests() {
  local preset=$1 name=$2
  shift 2
  JPKI_BUILD=$ROOT/build/$preset JPKI_CONFORMANCE_RESULTS=$RESULTS run "$PYTHON" tests/run.py -j $(($(cores) + 1)) \
    --limit 600 --junit "$RESULTS/$name.xml" "$@" tests/conformance
}
