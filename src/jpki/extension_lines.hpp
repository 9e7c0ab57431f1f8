// The contents of extensions as lines of text: one row a kind of extension (RFC 5280, 4.2).
#pragma once

#include <openssl/x509.h>

#include <span>
#include <string>
#include <vector>

namespace jpki::service {

using Lines = std::vector<std::string>;

struct ExtensionRow {
  int nid;
  std::string_view name;
  Lines (*lines)(const X509& certificate);  // null: OpenSSL's own words
};

std::span<const ExtensionRow> extension_rows();

/// What one extension says. One that cannot be decoded is shown as hexadecimal digits.
Lines extension_lines(const X509& certificate, const X509_EXTENSION& extension);

}  // namespace jpki::service
