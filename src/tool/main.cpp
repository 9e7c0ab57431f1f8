// jpki: the citizen's tool.
#include <signal.h>

#include <chrono>
#include <iostream>

#include "tool/command_line.hpp"

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);  // a pinentry that ends early is an answer, not the end of this program
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return jpki::tool::run(words, now, std::cout, std::cerr);
}
