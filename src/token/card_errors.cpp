#include "token/card_errors.hpp"

#include <array>
#include <utility>

namespace jpki::token {
namespace {

using Card = card::CardError::Reason;
using Link = apdu::TransportError::Reason;

constexpr std::array card_rows = std::to_array<std::pair<Card, CK_RV>>({
    {Card::not_found, CKR_DEVICE_ERROR},
    {Card::not_verified, CKR_USER_NOT_LOGGED_IN},
    {Card::bad_length, CKR_DATA_LEN_RANGE},
    {Card::pin_not_asked, CKR_DEVICE_ERROR},
    {Card::unexpected, CKR_DEVICE_ERROR},
});

constexpr std::array link_rows = std::to_array<std::pair<Link, CK_RV>>({
    {Link::removed, CKR_DEVICE_REMOVED},
    {Link::reset, CKR_USER_NOT_LOGGED_IN},
    {Link::busy, CKR_DEVICE_ERROR},
    {Link::service_lost, CKR_DEVICE_REMOVED},
    {Link::failed, CKR_DEVICE_ERROR},
});

template <class Rows, class Reason>
CK_RV find(const Rows& rows, Reason reason) {
  for (const auto& [known, rv] : rows)
    if (known == reason) return rv;
  return CKR_DEVICE_ERROR;
}

}  // namespace

CK_RV to_rv(card::CardError::Reason reason) { return find(card_rows, reason); }
CK_RV to_rv(apdu::TransportError::Reason reason) { return find(link_rows, reason); }

}  // namespace jpki::token
