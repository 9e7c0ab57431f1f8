// The fuzz programs' entry without libFuzzer: every file of the folders named, once. In the sanitizer builds,
// too.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "base/file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** words) {
  std::vector<std::filesystem::path> files;
  for (int at = 1; at < count; ++at)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(words[at]))
      if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  LLVMFuzzerTestOneInput(nullptr, 0);
  for (const auto& file : files) {
    std::fprintf(stderr, "%s\n", file.c_str());  // the last line names the one that fell
    const auto content = jpki::read_file(file);
    if (!content) return 2;
    LLVMFuzzerTestOneInput(content->data(), content->size());
  }
  std::printf("%zu inputs\n", files.size());
  return files.empty() ? 1 : 0;
}
