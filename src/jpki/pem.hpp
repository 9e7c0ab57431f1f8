// Files that hold one object as DER or several as PEM. For this layer's own files.
#pragma once

#include <openssl/pem.h>

#include <optional>
#include <vector>

#include "jpki/openssl.hpp"

namespace jpki::service {

/// Objects that `from_der` reads; of a PEM text those with this label. Empty where one of them is damaged.
template <class Object>
std::vector<Object> objects_of_file(ByteView content, std::string_view label,
                                    std::optional<Object> (*from_der)(ByteView)) {
  std::vector<Object> found;
  if (text_of(content).find("-----BEGIN ") == std::string_view::npos) {
    if (auto one = from_der(content)) found.push_back(std::move(*one));
    return found;
  }
  const Bio bio = memory_of(content);
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  for (long size = 0; PEM_read_bio(bio.get(), &name, &header, &data, &size) == 1;) {
    const bool wanted = name == label;
    auto one = wanted ? from_der({data, static_cast<std::size_t>(size)}) : std::nullopt;
    OPENSSL_free(name), OPENSSL_free(header), OPENSSL_free(data);
    if (wanted && !one) return {};
    if (one) found.push_back(std::move(*one));
  }
  ERR_clear_error();  // the end of the text is an error there
  return found;
}

}  // namespace jpki::service
