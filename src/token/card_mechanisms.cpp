// What a card offers. Public behaviour: clients choose by this list, so nothing is in it that the card cannot
// do (no raw RSA: the card applies its padding itself; RSA-PSS, which one source has seen, for whoever asks).
#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "token/card_objects.hpp"

namespace jpki::token {
namespace {

constexpr CK_FLAGS rsa = CKF_HW | CKF_SIGN | CKF_VERIFY;
constexpr CK_FLAGS ec_forms = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
constexpr CK_FLAGS ec = CKF_HW | CKF_SIGN | CKF_VERIFY | ec_forms;
constexpr CK_FLAGS ec_host = CKF_VERIFY | ec_forms;

struct Row {
  CK_MECHANISM_TYPE type;
  CK_FLAGS with_rsa_key;  // flags on a card whose keys are RSA; 0: not offered
  CK_FLAGS with_ec_key;
  bool pss = false;  // only where the card is asked for PSS
};

constexpr std::array rows = std::to_array<Row>({
    {CKM_RSA_PKCS, rsa | CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER, CKF_VERIFY | CKF_VERIFY_RECOVER},
    {CKM_SHA1_RSA_PKCS, rsa, CKF_VERIFY},
    {CKM_SHA256_RSA_PKCS, rsa, CKF_VERIFY},
    {CKM_SHA384_RSA_PKCS, rsa, CKF_VERIFY},
    {CKM_SHA512_RSA_PKCS, rsa, CKF_VERIFY},
    {CKM_RSA_PKCS_PSS, rsa, 0, true},
    {CKM_SHA256_RSA_PKCS_PSS, rsa, 0, true},
    {CKM_ECDSA, ec_host, ec},
    {CKM_ECDSA_SHA1, ec_host, ec},
    {CKM_ECDSA_SHA256, ec_host, ec},
    {CKM_ECDSA_SHA384, ec_host, ec},
    {CKM_ECDSA_SHA512, ec_host, ec},
    {CKM_SHA_1, CKF_DIGEST, CKF_DIGEST},
    {CKM_SHA224, CKF_DIGEST, CKF_DIGEST},
    {CKM_SHA256, CKF_DIGEST, CKF_DIGEST},
    {CKM_SHA384, CKF_DIGEST, CKF_DIGEST},
    {CKM_SHA512, CKF_DIGEST, CKF_DIGEST},
});

/// Key sizes where the host verifies.
constexpr CK_ULONG host_rsa_min = 1024, host_rsa_max = 16384, host_ec_min = 256, host_ec_max = 521;

CK_MECHANISM_INFO info(const Row& row, const card::KeyRule& key) {
  const CK_FLAGS flags = key.kind == card::KeyKind::rsa ? row.with_rsa_key : row.with_ec_key;
  if ((flags & CKF_DIGEST) != 0) return {0, 0, flags};
  if ((flags & CKF_HW) != 0) return {key.min_bits, key.max_bits, flags};
  if (key.kind == card::KeyKind::rsa) return {host_ec_min, host_ec_max, flags};
  return {host_rsa_min, host_rsa_max, flags};
}

}  // namespace

std::span<const core::OfferedMechanism> card_mechanisms(const card::KeyRule& key, bool pss) {
  // One list, or two, for each row of profiles; they live as long as the process.
  static auto& mutex = *new std::mutex;
  static auto& lists =
      *new std::map<std::pair<const card::KeyRule*, bool>, std::vector<core::OfferedMechanism>>;
  const std::lock_guard lock(mutex);
  auto& list = lists[{&key, pss}];
  if (!list.empty()) return list;
  for (const Row& row : rows)
    if (pss || !row.pss) list.push_back({row.type, info(row, key)});
  std::erase_if(list, [](const auto& offered) { return offered.info.flags == 0; });
  return list;
}

}  // namespace jpki::token
