# dev format, dev tidy, dev cppcheck, dev sizes.

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

dev_tidy() {
  dev_install build tidy
  run cmake --preset dev > /dev/null
  if [ "${1:-}" = --all ]; then
    mapfile -t files < <(git ls-files -- 'src/*.cpp' 'pkcs11/*.cpp' 'bench/*.cpp')
  elif [ $# -gt 0 ]; then
    files=("$@")
  else
    mapfile -t files < <(git diff --name-only --diff-filter=d "$(git merge-base HEAD main)" -- 'src/*.cpp' 'pkcs11/*.cpp')
  fi
  [ ${#files[@]} -gt 0 ] || { echo "no source changed since main: name some files, or --all"; return; }
  printf '%s\n' "${files[@]}" | xargs -P "$(cores)" -n 4 clang-tidy -p build/dev --quiet
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
