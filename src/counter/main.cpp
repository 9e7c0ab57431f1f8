// jpki-counter: the municipal counter and the CAs of test hierarchies.
#include <chrono>
#include <iostream>

#include "counter/command_line.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return jpki::counter::run(words, now, std::cout, std::cerr);
}
