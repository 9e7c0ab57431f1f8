// What an agency asks of a signed application: is it from whom it says, unaltered, by a certificate that is
// valid and not revoked?
#pragma once

#include <filesystem>
#include <string>

#include "jpki/signed_data.hpp"
#include "jpki/validity.hpp"

namespace agency {

using jpki::Bytes, jpki::ByteView;
namespace service = jpki::service;

/// Why an application is refused; `word` for programs, `text` for people. No personal data in either.
struct Reason {
  const char *word, *text;
};

/// The application's text, where it is to be taken; otherwise the reason.
struct Judgement {
  const Reason* refused = nullptr;
  Bytes application;
};

/// CAs that are trusted (a file, or a folder of files), and their revocation lists, read anew each time.
struct Sources {
  std::filesystem::path authorities, lists;
};

Judgement judge(ByteView signature, const Sources& sources, service::Instant now);

}  // namespace agency
