# dev build, and the builds that other commands need.

# build_preset NAME: configures and builds build/NAME.
build_preset() {
  run cmake --preset "$1"
  run cmake --build --preset "$1" --parallel "$(cores)"
}

dev_build() {
  dev_install build
  build_preset release
}
