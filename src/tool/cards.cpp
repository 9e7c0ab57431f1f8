#include "tool/cards.hpp"

#include <jpki/vendor.h>

#include <algorithm>

#include "client/own_library.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/pins.hpp"

namespace jpki::tool {
namespace {

using service::Tier;

constexpr const char* library = "jpki-pkcs11.so";

std::string module_path(const Options& options) {
  if (!options.module.empty()) return options.module;
  if (const auto found = client::own_library(library)) return *found;
  throw Failure(Exit::failed, tr("the module jpki-pkcs11.so was not found: name it with --module"));
}

struct TierWord {
  Tier tier;
  std::string_view in_label;
};
// As our module's token labels say it, and OpenSC's for the same card.
constexpr TierWord tier_words[] = {{Tier::sign, "Digital Signature"}, {Tier::auth, "User Authentication"}};

std::optional<Tier> tier_of(std::string_view label) {
  for (const auto& row : tier_words) {
    if (label.find(row.in_label) != label.npos) return row.tier;
  }
  return std::nullopt;
}

// Our module tells the halves of a reader apart at the end of the slot's name.
std::string reader_of(const CK_SLOT_INFO& info) {
  std::string name = client::unpadded(info.slotDescription);
  for (const std::string_view end : {" (authentication)", " (signature)"}) {
    if (name.ends_with(end)) name.resize(name.size() - end.size());
  }
  return name;
}

// Identifiers that our module and OpenSC share.
std::uint8_t object_id(Tier tier, Which which) {
  const std::uint8_t holder = tier == Tier::auth ? 1 : 2;
  return which == Which::holder ? holder : static_cast<std::uint8_t>(holder + 2);
}

std::optional<service::Certificate> read(const client::Session& session, std::uint8_t id) {
  const auto wanted =
      client::Template().number(CKA_CLASS, CKO_CERTIFICATE).bytes(CKA_ID, client::ByteView(&id, 1));
  const auto object = session.find_one(wanted);
  const auto der = object ? session.bytes(*object, CKA_VALUE) : std::nullopt;
  return der ? service::Certificate::from_der(*der) : std::nullopt;
}

// include/jpki/vendor.h: asked after C_GetTokenInfo. Other modules have no such object.
std::optional<CK_ULONG> tries_left(const client::Module& module, CK_SLOT_ID slot) {
  const client::Session session(module, slot);
  const auto wanted =
      client::Template().number(CKA_CLASS, CKO_HW_FEATURE).number(CKA_HW_FEATURE_TYPE, CKH_JPKI_PIN_TRIES);
  const auto feature = session.find_one(wanted);
  const auto left = feature ? session.number(*feature, CKA_VALUE) : std::nullopt;
  return left == CK_UNAVAILABLE_INFORMATION ? std::nullopt : left;
}

[[noreturn]] void no_token(Tier tier, bool any_card) {
  if (!any_card)
    throw Failure(Exit::no_card, tr("no card: put it into the reader (jpki status shows what is there)"));
  throw Failure(Exit::no_card, tier == Tier::sign ? tr("this card has no signature half")
                                                  : tr("this card has no authentication half"));
}

}  // namespace

bool is_gone(const client::Error& error) {
  return error.rv() == CKR_TOKEN_NOT_PRESENT || error.rv() == CKR_DEVICE_REMOVED ||
         error.rv() == CKR_SLOT_ID_INVALID;
}

Cards::Cards(const Options& options)
    : module_(std::make_unique<client::Module>(module_path(options))), wanted_reader_(options.reader) {
  look();
}

void Cards::look() {
  tokens_.clear();
  for (const CK_SLOT_ID slot : module_->slots()) {
    try {
      if (auto token = token_of(slot)) tokens_.push_back(std::move(*token));
    } catch (const client::Error& error) {
      if (!is_gone(error)) throw;
    }
  }
}

std::optional<Token> Cards::token_of(CK_SLOT_ID slot) const {
  const auto info = module_->token_info(slot);
  const auto tier = tier_of(client::unpadded(info.label));
  const std::string reader = reader_of(module_->slot_info(slot));
  if (!tier || reader.find(wanted_reader_) == reader.npos) return std::nullopt;
  return Token{slot,
               *tier,
               reader,
               client::unpadded(info.model),
               client::unpadded(info.serialNumber),
               info.flags,
               tries_left(*module_, slot)};
}

void Cards::wait() const {
  CK_SLOT_ID slot = 0;
  const CK_RV rv = module_->calls().C_WaitForSlotEvent(0, &slot, nullptr);
  if (rv == CKR_FUNCTION_NOT_SUPPORTED)
    throw Failure(Exit::failed, tr("this module cannot tell when cards come and go"));
  client::check("C_WaitForSlotEvent", rv);
}

std::vector<std::string> Cards::readers() const {
  std::vector<std::string> names;
  for (const CK_SLOT_ID slot : module_->slots(false)) {
    const auto info = module_->slot_info(slot);
    const std::string name = reader_of(info);
    const bool is_reader = (info.flags & CKF_HW_SLOT) != 0;
    if (is_reader && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

bool Cards::has(Tier tier) const {
  return std::any_of(tokens_.begin(), tokens_.end(), [&](const Token& token) { return token.tier == tier; });
}

const Token& Cards::the_token(Tier tier) const {
  const Token* found = nullptr;
  for (const auto& token : tokens_) {
    if (token.tier != tier) continue;
    if (found != nullptr)
      throw Failure(Exit::usage,
                    tr("there are several cards: choose one with --reader (jpki status lists them)"));
    found = &token;
  }
  if (found == nullptr) no_token(tier, !tokens_.empty());
  return *found;
}

std::optional<service::Certificate> Cards::certificate(const Token& token, Which which) const {
  const std::uint8_t id = object_id(token.tier, which);
  for (const auto& other : tokens_) {
    if (other.reader != token.reader) continue;
    if (auto found = read(client::Session(*module_, other.slot), id)) return found;
  }
  return std::nullopt;
}

service::Certificate Cards::certificate_with_pin(const Token& token, const Secret& pin) const {
  return SignatureKey(*this, token, pin).certificate();
}

void Cards::change_pin(const Token& token, const Secret& old_pin, const Secret& new_pin) const {
  client::Session session(*module_, token.slot, client::Access::read_write);
  try {
    session.set_pin(old_pin.view(), new_pin.view());
  } catch (const client::Error& error) {
    if (is_gone(error) || error.rv() == CKR_DEVICE_ERROR || error.rv() == CKR_FUNCTION_FAILED)
      throw Failure(Exit::failed,
                    tr("the card did not confirm the change (the link was lost, or it refused): whether the "
                       "old or the new PIN holds is not known. Try the new one first; each wrong try counts "
                       "(jpki pin status tells how many are left)."));
    throw_pin_failure(error, token.tier, module_->token_info(token.slot).flags);
  }
}

SignatureKey::SignatureKey(const Cards& cards, const Token& token, const Secret& pin)
    : session_(*cards.module_, token.slot) {
  try {
    session_.login(pin.view());
  } catch (const client::Error& error) {
    throw_pin_failure(error, token.tier, cards.module_->token_info(token.slot).flags);
  }
  const std::uint8_t id = object_id(token.tier, Which::holder);
  certificate_ = read(session_, id);
  if (!certificate_) throw Failure(Exit::no_card, tr("the card has no such certificate"));
  const auto wanted =
      client::Template().number(CKA_CLASS, CKO_PRIVATE_KEY).bytes(CKA_ID, client::ByteView(&id, 1));
  key_ = session_.find_one(wanted).value_or(CK_INVALID_HANDLE);
  if (session_.flag(key_, CKA_ALWAYS_AUTHENTICATE).value_or(false)) pin_ = Secret(pin.view());
}

SignatureKey::~SignatureKey() {
  try {
    session_.logout();
  } catch (const client::Error&) {  // the card may be gone; closing the session ends the login as well
  }
}

Bytes SignatureKey::sign(ByteView digest_info) const {
  if (pin_.empty()) return session_.sign(CKM_RSA_PKCS, key_, digest_info);
  return session_.sign_with_login(CKM_RSA_PKCS, key_, digest_info, pin_.view());
}

}  // namespace jpki::tool
