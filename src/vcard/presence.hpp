// Whether a card folder sits in its reader.
#pragma once

#include <cstdint>
#include <filesystem>

namespace jpki::vcard {

struct Presence {
  bool present = false;
  /// Another number after every insert() and remove(), and for another card in the same place.
  std::uint64_t insertion = 0;
  friend bool operator==(const Presence&, const Presence&) = default;
};

/// One tiny read. A folder without a card is "not present"; a card that nobody ever took out is present.
Presence presence(const std::filesystem::path& folder);

/// Put the card into its reader, take it out: for every program that uses the folder. Both throw FolderError
/// (card.hpp) where there is no card, and leave an equal state as it is.
void insert(const std::filesystem::path& folder);
void remove(const std::filesystem::path& folder);

/// Takes the card out and puts the other's in its place: the two folders change names. Throws FolderError,
/// std::system_error.
void exchange(const std::filesystem::path& folder, const std::filesystem::path& other);

}  // namespace jpki::vcard
