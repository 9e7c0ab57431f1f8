# dev format, dev tidy, dev cppcheck, dev lint, dev sizes.

cxx_sources() {
  git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp' '*.c' '*.h'
}

dev_format() {
  dev_install format
  if [ "${1:-}" = --check ]; then
    cxx_sources | xargs -r clang-format --dry-run --Werror
  else
    cxx_sources | xargs -r clang-format -i
  fi
}

TIDY_FOLDERS=(src pkcs11 bench conformance)

# What changes are counted from: where this branch left main; on main itself twenty commits ago. In a shallow clone, its
# oldest commit; where that is the only one, the empty tree: everything.
changes_since() {
  local main base
  for main in origin/main main; do
    base=$(git merge-base HEAD "$main" 2> /dev/null) || continue
    [ "$base" = "$(git rev-parse HEAD)" ] || { echo "$base"; return; }
  done
  base=$(git rev-list --first-parent --max-count=21 HEAD | tail -1)
  [ "$base" != "$(git rev-parse HEAD)" ] || base=$(git hash-object -t tree /dev/null)
  echo "$base"
}

# changed_files SINCE: those not yet committed, then by their last commit, the newest first.
changed_files() {
  {
    git diff --name-only HEAD
    git ls-files --others --exclude-standard
    [ "$(git cat-file -t "$1")" = tree ] || git log --format= --name-only "$1..HEAD"
    git diff --name-only "$1"
  } | awk '!seen[$0]++'
}

# A header is looked at with the source of the same name, or with one that includes it.
sources_with() {
  local file beside
  while read -r file; do
    case "$file" in
      *.hpp)
        beside=${file%.hpp}.cpp
        [ -e "$beside" ] || beside=$(git grep -lF "#include \"${file#*/}\"" -- "${TIDY_FOLDERS[@]/%//*.cpp}" | head -1) || true
        ;;
      *) beside=$file ;;
    esac
    if [[ $beside = *.cpp && -e $beside && " ${TIDY_FOLDERS[*]} " = *" ${beside%%/*} "* ]]; then echo "$beside"; fi
  done | awk '!seen[$0]++'
}

# tidy FILE...: one case in the results for each file.
tidy() {
  local failed file
  run cmake --preset dev > /dev/null
  failed=$(mktemp)
  # Standard error only counts what the system's headers would have told.
  # shellcheck disable=SC2016
  printf '%s\n' "$@" | FAILED=$failed xargs -P "$(cores)" -n 1 \
    sh -c 'clang-tidy -p build/dev --quiet "$1" 2> /dev/null || echo "$1" >> "$FAILED"' tidy
  if [ -n "${RESULTS:-}" ]; then
    for file in "$@"; do
      if grep -qxF "$file" "$failed"; then result "clang-tidy $file" failed; else result "clang-tidy $file"; fi
    done
  fi
  file=$(sort "$failed")
  rm "$failed"
  [ -z "$file" ] || { printf 'clang-tidy has something to say of:\n%s\n' "$file"; return 1; }
}

dev_tidy() {
  local files=("$@")
  dev_install build tidy
  if [ "${1:-}" = --all ]; then
    mapfile -t files < <(git ls-files -- "${TIDY_FOLDERS[@]/%//*.cpp}")
  elif [ $# = 0 ]; then
    mapfile -t files < <(changed_files "$(changes_since)" | sources_with)
  fi
  [ ${#files[@]} -gt 0 ] || { echo "no source changed: name some files, or --all"; return; }
  tidy "${files[@]}"
}

# Nine seconds of processor time each: on two cores they take a little over two minutes.
LINT_MOST=30

lint_tidy() {
  local since files
  since=$(changes_since)
  mapfile -t files < <(changed_files "$since" | sources_with)
  echo "since $(git log -1 --format='%h of %cs' "$since" 2> /dev/null || echo 'the beginning'): ${#files[@]} sources"
  if [ ${#files[@]} -gt $LINT_MOST ]; then
    echo "only the $LINT_MOST changed last are looked at, for time; scripts/dev tidy looks at all of them"
    files=("${files[@]:0:$LINT_MOST}")
  fi
  [ ${#files[@]} = 0 ] || tidy "${files[@]}"
}

# dev lint: clang-tidy on what changed, cppcheck on everything.
dev_lint() {
  results_of lint
  stage "lint: install" dev_install build tidy
  if [ $STAGE = ok ]; then
    stage "lint: clang-tidy" lint_tidy
    stage "lint: cppcheck" dev_cppcheck
    [ $STAGE = failed ] || result "cppcheck"
  fi
  finish
}

# What is left out, and why:
#   missingInclude*          system headers are not read: cppcheck knows the standard library by itself
#   unmatchedSuppression     a suppression that one file needs is not needed by all
#   noExplicitConstructor    conversions are wanted where they are (ByteView, Secret): clang-tidy and review see the rest
#   useStlAlgorithm          taste
#   passedByValue            string views and spans are values
#   unknownMacro             toml++ and pugixml are not ours
CPPCHECK_LEFT_OUT=(missingInclude missingIncludeSystem unmatchedSuppression noExplicitConstructor useStlAlgorithm passedByValue unknownMacro)

# dev cppcheck [FILE...]: all sources of src, pkcs11 and conformance, or those given.
dev_cppcheck() {
  dev_install tidy
  local files=("$@")
  [ ${#files[@]} -gt 0 ] || mapfile -t files < <(git ls-files -- 'src/*.cpp' 'pkcs11/*.cpp' 'conformance/*.cpp')
  mkdir -p build/cppcheck
  run cppcheck --quiet --std=c++20 --language=c++ --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --cppcheck-build-dir=build/cppcheck -j "$(cores)" "${CPPCHECK_LEFT_OUT[@]/#/--suppress=}" -I src -I include -I . -I conformance \
    --template='{file}:{line}: {severity}: {message} [{id}]' "${files[@]}"
}

dev_sizes() { "$PYTHON" scripts/sizes.py; }
