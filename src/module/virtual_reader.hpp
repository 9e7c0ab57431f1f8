// A card folder as a reader of this process.
#pragma once

#include <filesystem>
#include <memory>

#include "apdu/transport.hpp"

namespace jpki::module {

/// The reader's name tells the folder's last part and its place in the list, so that it is unique. A folder
/// that is no card is an empty reader; the log says why.
std::shared_ptr<apdu::Reader> virtual_reader(const std::filesystem::path& folder, std::size_t number);

}  // namespace jpki::module
