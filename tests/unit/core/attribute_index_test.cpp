#include "core/attribute_index.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "support/catch.hpp"

using jpki::core::AttributeIndex;
using Entry = AttributeIndex::Entry;

namespace {

std::vector<Entry> chain(const AttributeIndex& index, std::uint64_t hash) {
  std::vector<Entry> entries;
  for (Entry at = index.first(hash); at != AttributeIndex::none; at = index.next(at)) entries.push_back(at);
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// As std::multimap has it.
std::vector<Entry> expected(const std::multimap<std::uint64_t, Entry>& model, std::uint64_t hash) {
  std::vector<Entry> entries;
  const auto [begin, end] = model.equal_range(hash);
  for (auto at = begin; at != end; ++at) entries.push_back(at->second);
  std::sort(entries.begin(), entries.end());
  return entries;
}

}  // namespace

TEST_CASE("an empty index has no entries") {
  AttributeIndex index;
  CHECK(chain(index, 0).empty());
  index.reserve(100);
  CHECK(chain(index, 7).empty());
}

TEST_CASE("an index holds what a multimap holds, through thousands of changes") {
  std::mt19937_64 random(20261121);
  for (const std::uint64_t hashes : {1ULL, 5ULL, 300ULL, 1ULL << 40}) {
    AttributeIndex index;
    std::multimap<std::uint64_t, Entry> model;
    std::map<Entry, std::uint64_t> present;
    for (int step = 0; step < 5000; ++step) {
      const auto entry = static_cast<Entry>(random() % 700);
      if (const auto found = present.find(entry); found != present.end()) {
        index.remove(entry, found->second);
        auto [at, end] = model.equal_range(found->second);
        model.erase(std::find_if(at, end, [&](const auto& pair) { return pair.second == entry; }));
        present.erase(found);
      } else {
        const std::uint64_t hash = random() % hashes;
        index.add(entry, hash);
        model.emplace(hash, entry);
        present.emplace(entry, hash);
      }
      if (step % 100 != 0) continue;
      for (const auto& [held, hash] : present) REQUIRE(chain(index, hash) == expected(model, hash));
      if (hashes <= 300)
        for (std::uint64_t hash = 0; hash < hashes; ++hash)
          REQUIRE(chain(index, hash) == expected(model, hash));
    }
  }
}
