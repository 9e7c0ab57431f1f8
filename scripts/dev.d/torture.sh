# dev torture: the hazards at random, for as long as one likes.

# Seconds that are left; 0 at the end.
torture_left() {
  local left=$((TORTURE_END - SECONDS))
  echo $((left > 0 ? left : 0))
}

# One of the trials, with a seed of its own. What it is told makes it the same again.
torture_trial() {
  local trial=$1 seed=$2
  case "$trial" in
    sequences) run env JPKI_TORTURE_SEED="$seed" JPKI_TORTURE_COUNT="$TORTURE_COUNT" "$RELEASE/bin/scenario_sequences" ;;
    faults) run "$RELEASE/bin/scenario_faults" ;;
    restarts) torture_tests Restarts "$seed" JPKI_TORTURE_RESTARTS=100 ;;
    rivals) torture_tests Rivals "$seed" ;;
    samples) torture_tests Faults "$seed" ;;
    processes) torture_tests Processes "$seed" ;;
    threads) run "$RELEASE/bin/scenario_threads" --order rand --rng-seed "$seed" ;;
    fork) run "$RELEASE/bin/scenario_fork" --order rand --rng-seed "$seed" ;;
    finalize) run "$RELEASE/bin/scenario_finalize" ;;
    kill) run "$RELEASE/bin/torture_kill" --seconds 60 --seed "$seed" ;;
    model) run "$PYTHON" tests/model/check.py ;;
  esac
}

torture_tests() {
  local word=$1 seed=$2
  shift 2
  run env JPKI_BUILD="$RELEASE" "$@" "$PYTHON" tests/run.py -j 1 --limit 3600 --seed "$((seed % 10000))" -k "$word." tests/pcsc
}

# dev hazards [H5...]: what proves that these hazards do no harm, alone; all of it, if none is named.
dev_hazards() {
  dev_install build test
  build_preset release
  run "$PYTHON" tests/support/hazards.py run "$@"
}

# dev torture [--minutes N] [--seed N] [TRIAL...]: ten minutes unless told; a seed makes the same trials in the same order.
# The numbers of a failed trial are in the command that is shown before it.
dev_torture() {
  local minutes=10 seed=$RANDOM trials=() trial failed=0
  local -A count=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --minutes) minutes=$2; shift ;;
      --seed) seed=$2; shift ;;
      -*) echo "scripts/dev torture: what is $1?" >&2; return 2 ;;
      *) trials+=("$1") ;;
    esac
    shift
  done
  [ ${#trials[@]} -gt 0 ] || trials=(sequences sequences sequences faults restarts rivals samples processes threads fork finalize kill model)
  : "${TORTURE_COUNT:=10000}"
  dev_install build test
  build_preset release
  say "seed $seed"
  RANDOM=$seed TORTURE_END=$((SECONDS + minutes * 60))
  while [ "$(torture_left)" -gt 0 ]; do
    trial=${trials[$((RANDOM % ${#trials[@]}))]}
    torture_trial "$trial" $((RANDOM * 32768 + RANDOM)) || { failed=$((failed + 1)); echo "FAILED: $trial"; }
    count[$trial]=$((${count[$trial]:-0} + 1))
  done
  say "torture, seed $seed"
  for trial in "${!count[@]}"; do echo "$trial: ${count[$trial]}"; done
  echo "$failed failed"
  [ "$failed" = 0 ]
}
