// The words of the XML representation: names of the standard without their prefix.
#pragma once

#include <string>

#include "cryptoki/names.hpp"

namespace conformance::oasis {

/// Each throws std::runtime_error for a word that it does not know. Numbers are taken too.
CK_RV return_value(const std::string& word);
CK_MECHANISM_TYPE mechanism(const std::string& word);
CK_ATTRIBUTE_TYPE attribute(const std::string& word);
CK_OBJECT_CLASS object_class(const std::string& word);
CK_KEY_TYPE key_type(const std::string& word);
CK_USER_TYPE user_type(const std::string& word);
CK_FLAGS session_flags(const std::string& words);
CK_FLAGS slot_flags(const std::string& words);
CK_FLAGS token_flags(const std::string& words);
CK_FLAGS mechanism_flags(const std::string& words);
CK_ULONG number(const std::string& word);

}  // namespace conformance::oasis
