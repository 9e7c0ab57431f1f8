// CardUnit: signatures and certificates.
#include "token/card_unit_work.hpp"
#include "token/signature_record.hpp"

namespace jpki::token {

using card::Role;

namespace {

/// Null where it is not X.509.
std::shared_ptr<const CardCertificate> taken_apart(Bytes der) {
  auto fields = crypto::read_certificate(der);
  if (!fields) return nullptr;
  auto key = crypto::PublicKey::from_spki(fields->spki);
  auto made = std::make_shared<const CardCertificate>(
      CardCertificate{{der.begin(), der.end()}, std::move(*fields), std::move(key)});
  wipe(der.data(), der.size());
  return made;
}

}  // namespace

std::size_t CardUnit::sign(Role role, std::uint64_t login, const core::Scheme& scheme, ByteView block,
                           std::span<std::uint8_t> out) {
  const bool pss = scheme.kind == core::Scheme::Kind::rsa_pss;
  if (pss) {
    const auto witness = certificate(role, CertificateKind::user);
    core::require(witness && witness->key, CKR_DEVICE_ERROR, "nothing to verify the signature with");
  }
  const std::lock_guard lock(mutex_);
  end_if_idle(role);
  const Bytes signature = with_card([&](card::JpkiCard& card) {
    core::require(logged_in(role) && logins_[at(role)].number == login, CKR_USER_NOT_LOGGED_IN);
    core::require(!options_.is_isolated(role) || permits_ > 0, CKR_USER_NOT_LOGGED_IN,
                  "the PIN is not in force any more");
    try {
      Bytes made = card.sign(role, block, pss ? card::Padding::pss : card::Padding::pkcs1);
      check(card, role, scheme, block, made);
      return made;
    } catch (const card::CardError& error) {
      if (error.reason() == card::CardError::Reason::not_verified) lose_login(role);
      throw;
    }
  });
  core::require(signature.size() == out.size(), CKR_DEVICE_ERROR, "the signature is not as long as the key");
  const auto& known = remembered(role, CertificateKind::user).certificate;
  record_signature(role == Role::signature ? "card-signature" : "card-authentication",
                   known ? ByteView(known->fields.spki) : ByteView{}, scheme, block);
  std::copy(signature.begin(), signature.end(), out.begin());
  return signature.size();
}

/// Where a signature does not fit the certificate that was read, either of them may have been garbled on its
/// way. The certificate is doubted from then on: it is read anew for each signature until one fits, and no
/// other leaves.
void CardUnit::check(card::JpkiCard& card, Role role, const core::Scheme& scheme, ByteView block,
                     ByteView signature) {
  const auto fits = [&](const std::shared_ptr<const CardCertificate>& known) {
    return known && known->key && known->key->verify(scheme, block, signature);
  };
  auto& place = remembered(role, CertificateKind::user);
  const bool known = place.certificate && place.certificate->key;
  // What is said of PSS comes from one source: no such signature leaves unseen.
  const bool owed = place.doubted || scheme.kind == core::Scheme::Kind::rsa_pss;
  if (fits(place.certificate) ? !place.doubted : !known && !owed) return;
  log::warning("a signature does not fit the certificate: that is read anew");
  place.forget();
  place.doubted = true;
  if (listeners_[at(role)] != nullptr) listeners_[at(role)]->certificate_doubted();
  auto anew = read(card, role, CertificateKind::user);
  core::require(fits(anew), CKR_DEVICE_ERROR, "the signature is not this key's");
  place = {true, std::move(anew), false};
}

/// What is no certificate, or has a key that nobody knows, may have been garbled on its way: it is read once
/// more. Null where there is none.
std::shared_ptr<const CardCertificate> CardUnit::read(card::JpkiCard& card, Role role, CertificateKind kind) {
  constexpr int readings = 2;
  std::shared_ptr<const CardCertificate> found;
  for (int i = 0; i < readings && !(found && found->key); ++i) {
    auto der = kind == CertificateKind::user ? card.read_certificate(role) : card.read_ca_certificate(role);
    if (!der) return nullptr;
    found = taken_apart(std::move(*der));
  }
  if (!found) log::warning("a certificate on the card is not X.509 and is left out");
  return found;
}

/// Null where there is none, or where the card does not give it.
std::shared_ptr<const CardCertificate> CardUnit::fetch(card::JpkiCard& card, Role role,
                                                       CertificateKind kind) {
  try {
    return read(card, role, kind);
  } catch (const card::CardError& error) {
    const bool needs_pin = kind == CertificateKind::user && half(role).certificate_needs_pin;
    const bool refused = error.reason() == card::CardError::Reason::not_verified;
    core::require(!refused || needs_pin, CKR_DEVICE_ERROR, "the card wants a PIN for what is public");
    if (refused) lose_login(role);
    if (error.reason() != card::CardError::Reason::not_found &&
        error.reason() != card::CardError::Reason::unexpected)
      throw;
    log_failure(error);
    return nullptr;
  }
}

std::shared_ptr<const CardCertificate> CardUnit::certificate(Role role, CertificateKind kind) {
  const std::lock_guard lock(mutex_);
  const bool needs_pin = kind == CertificateKind::user && half(role).certificate_needs_pin;
  if (needs_pin) end_if_idle(role);
  auto& place = remembered(role, kind);
  if (place.read) return place.certificate;
  auto found = with_card([&](card::JpkiCard& card) {
    core::require(!needs_pin || logged_in(role), CKR_USER_NOT_LOGGED_IN);
    return fetch(card, role, kind);
  });
  place.read = true;
  place.certificate = found;
  return found;
}

std::shared_ptr<const CardCertificate> CardUnit::known_certificate(Role role, CertificateKind kind) {
  const std::lock_guard lock(mutex_);
  return remembered(role, kind).certificate;
}

}  // namespace jpki::token
