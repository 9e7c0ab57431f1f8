#include "oasis/names.hpp"

#include <stdexcept>
#include <vector>

namespace conformance::oasis {
namespace {

struct Word {
  std::string_view text;
  CK_ULONG value;
};
using Words = std::vector<Word>;

#define WORD(prefix, word) \
  { #word, prefix##word }
const Words classes = {
    WORD(CKO_, DATA),       WORD(CKO_, CERTIFICATE), WORD(CKO_, PUBLIC_KEY),        WORD(CKO_, PRIVATE_KEY),
    WORD(CKO_, SECRET_KEY), WORD(CKO_, HW_FEATURE),  WORD(CKO_, DOMAIN_PARAMETERS), WORD(CKO_, MECHANISM),
    WORD(CKO_, PROFILE)};
const Words key_types = {WORD(CKK_, RSA),        WORD(CKK_, EC),
                         WORD(CKK_, AES),        WORD(CKK_, GENERIC_SECRET),
                         WORD(CKK_, EC_EDWARDS), WORD(CKK_, EC_MONTGOMERY),
                         WORD(CKK_, DES3)};
const Words users = {WORD(CKU_, SO), WORD(CKU_, USER), WORD(CKU_, CONTEXT_SPECIFIC)};
const Words of_sessions = {WORD(CKF_, RW_SESSION), WORD(CKF_, SERIAL_SESSION), WORD(CKF_, ASYNC_SESSION)};
const Words of_slots = {WORD(CKF_, TOKEN_PRESENT), WORD(CKF_, REMOVABLE_DEVICE), WORD(CKF_, HW_SLOT)};
const Words of_tokens = {WORD(CKF_, RNG),
                         WORD(CKF_, WRITE_PROTECTED),
                         WORD(CKF_, LOGIN_REQUIRED),
                         WORD(CKF_, USER_PIN_INITIALIZED),
                         WORD(CKF_, RESTORE_KEY_NOT_NEEDED),
                         WORD(CKF_, CLOCK_ON_TOKEN),
                         WORD(CKF_, PROTECTED_AUTHENTICATION_PATH),
                         WORD(CKF_, DUAL_CRYPTO_OPERATIONS),
                         WORD(CKF_, TOKEN_INITIALIZED)};
const Words of_mechanisms = {
    WORD(CKF_, HW),       WORD(CKF_, ENCRYPT),           WORD(CKF_, DECRYPT), WORD(CKF_, DIGEST),
    WORD(CKF_, SIGN),     WORD(CKF_, SIGN_RECOVER),      WORD(CKF_, VERIFY),  WORD(CKF_, VERIFY_RECOVER),
    WORD(CKF_, GENERATE), WORD(CKF_, GENERATE_KEY_PAIR), WORD(CKF_, WRAP),    WORD(CKF_, UNWRAP),
    WORD(CKF_, DERIVE)};
#undef WORD

bool is_number(const std::string& word) { return !word.empty() && word[0] >= '0' && word[0] <= '9'; }

CK_ULONG one_of(const Words& words, const std::string& word) {
  for (const auto& row : words) {
    if (row.text == word) return row.value;
  }
  return number(word);
}

/// Names separated by '|' or blanks.
CK_FLAGS all_of(const Words& words, const std::string& text) {
  CK_FLAGS flags = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of("| ", at), text.size());
    if (end > at) flags |= one_of(words, text.substr(at, end - at));
    at = end + 1;
  }
  return flags;
}

CK_ULONG named(std::span<const jpki::cryptoki::Name> names, const std::string& prefix,
               const std::string& word) {
  for (const auto& row : names) {
    if (row.text == prefix + word) return row.value;
  }
  return number(word);
}

}  // namespace

CK_ULONG number(const std::string& word) {
  if (word == "UnavailableInformation") return CK_UNAVAILABLE_INFORMATION;
  if (word == "EffectivelyInfinite") return CK_EFFECTIVELY_INFINITE;
  if (!is_number(word)) throw std::runtime_error("unknown word in the text: " + word);
  return std::stoul(word, nullptr, 0);
}

CK_RV return_value(const std::string& word) { return named(jpki::cryptoki::return_values, "CKR_", word); }
CK_MECHANISM_TYPE mechanism(const std::string& word) {
  return named(jpki::cryptoki::mechanisms, "CKM_", word);
}
CK_ATTRIBUTE_TYPE attribute(const std::string& word) {
  return named(jpki::cryptoki::attributes, "CKA_", word);
}
CK_OBJECT_CLASS object_class(const std::string& word) { return one_of(classes, word); }
CK_KEY_TYPE key_type(const std::string& word) { return one_of(key_types, word); }
CK_USER_TYPE user_type(const std::string& word) { return one_of(users, word); }
CK_FLAGS session_flags(const std::string& words) { return all_of(of_sessions, words); }
CK_FLAGS slot_flags(const std::string& words) { return all_of(of_slots, words); }
CK_FLAGS token_flags(const std::string& words) { return all_of(of_tokens, words); }
CK_FLAGS mechanism_flags(const std::string& words) { return all_of(of_mechanisms, words); }

}  // namespace conformance::oasis
