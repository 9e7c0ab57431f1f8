#include "jpki/chain.hpp"

#include <openssl/objects.h>

#include <array>

#include "jpki/ways.hpp"

namespace jpki::service {
namespace {

struct ErrorRow {
  int error;
  Standing standing;
  Cause cause;
};

// What is not here breaks another rule of the chain.
constexpr std::array error_rows{
    ErrorRow{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, Standing::unchecked, Cause::issuer_not_trusted},
    ErrorRow{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, Standing::unchecked, Cause::issuer_not_trusted},
    ErrorRow{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, Standing::unchecked, Cause::issuer_not_trusted},
    ErrorRow{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, Standing::unchecked, Cause::issuer_not_trusted},
    ErrorRow{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, Standing::unchecked, Cause::issuer_not_trusted},
    ErrorRow{X509_V_ERR_CERT_UNTRUSTED, Standing::unchecked, Cause::issuer_not_trusted},
    ErrorRow{X509_V_ERR_CERT_SIGNATURE_FAILURE, Standing::invalid, Cause::bad_signature},
    ErrorRow{X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, Standing::invalid, Cause::bad_signature},
    ErrorRow{X509_V_ERR_NO_EXPLICIT_POLICY, Standing::invalid, Cause::policy},
    ErrorRow{X509_V_ERR_INVALID_POLICY_EXTENSION, Standing::invalid, Cause::policy},
    ErrorRow{X509_V_ERR_CERT_HAS_EXPIRED, Standing::expired, Cause::none},
    ErrorRow{X509_V_ERR_CERT_NOT_YET_VALID, Standing::not_yet_valid, Cause::none},
};

bool is_of_days(Standing standing) {
  return standing == Standing::expired || standing == Standing::not_yet_valid;
}

ErrorRow row_of_error(int error, int depth, bool any_anchor) {
  for (ErrorRow row : error_rows) {
    if (row.error != error) continue;
    if (row.cause == Cause::issuer_not_trusted && !any_anchor) row.cause = Cause::no_trusted_ca;
    if (is_of_days(row.standing) && depth > 0) return {error, Standing::invalid, Cause::ca_days};
    return row;
  }
  return {error, Standing::invalid, Cause::chain};
}

// Where a certificate of the way demands a policy, OpenSSL takes an empty set for none at all; RFC 5280
// (6.1.1 c) has anyPolicy for a user who demands nothing.
constexpr const char* any_policy = "2.5.29.32.0";

void set_policies(X509_VERIFY_PARAM& param, const std::vector<std::string>& policies) {
  if (policies.empty()) return set_policies(param, {any_policy});
  for (const auto& policy : policies) {
    ASN1_OBJECT* object = OBJ_txt2obj(policy.c_str(), 1);
    crypto::require(object != nullptr && X509_VERIFY_PARAM_add0_policy(&param, object) == 1,
                    "X509_VERIFY_PARAM_add0_policy");
  }
  if (policies[0] != any_policy) X509_VERIFY_PARAM_set_flags(&param, X509_V_FLAG_EXPLICIT_POLICY);
}

std::vector<Certificate> chain_of(X509_STORE_CTX& context) {
  std::vector<Certificate> chain;
  STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(&context);
  for (int i = 0; found != nullptr && i < sk_X509_num(found); ++i)
    chain.push_back(Certificate::from_der(encoding(sk_X509_value(found, i), i2d_X509)).value());
  return chain;
}

// notAfter belongs to the period (RFC 5280, 4.1.2.5); for OpenSSL it does not.
Instant inside(const Certificate& certificate, Instant at) {
  return at == certificate.last() ? at - std::chrono::seconds(1) : at;
}

// Days can be told without a way to a CA.
Standing standing_of_days(const Certificate& certificate, Instant at) {
  if (at < certificate.first()) return Standing::not_yet_valid;
  return at > certificate.last() ? Standing::expired : Standing::good;
}

}  // namespace

CertificateStack stack_of(const std::vector<Certificate>& certificates) {
  CertificateStack stack(sk_X509_new_null());
  crypto::require(stack != nullptr, "sk_X509_new_null");
  for (const auto& certificate : certificates)
    crypto::require(sk_X509_push(stack.get(), &certificate.x509()) > 0, "sk_X509_push");
  return stack;
}

Store store_of(const std::vector<Certificate>& anchors) {
  Store store(X509_STORE_new());
  crypto::require(store != nullptr, "X509_STORE_new");
  for (const auto& anchor : anchors)
    crypto::require(X509_STORE_add_cert(store.get(), &anchor.x509()) == 1, "X509_STORE_add_cert");
  crypto::require(X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN) == 1, "X509_STORE_set_flags");
  return store;
}

namespace {

Validity follow(const Certificate& certificate, const Trust& trust, const std::vector<Certificate>& untrusted,
                const Question& question) {
  const Store store = store_of(trust.anchors);
  const CertificateStack helpers = stack_of(untrusted);
  const StoreContext context(X509_STORE_CTX_new_ex(crypto::library(), nullptr));
  crypto::require(
      context && X509_STORE_CTX_init(context.get(), store.get(), &certificate.x509(), helpers.get()) == 1,
      "X509_STORE_CTX_init");
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(param, inside(certificate, question.at).time_since_epoch().count());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_POLICY_CHECK);
  set_policies(*param, question.policies);
  Validity validity;
  const bool ok = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  validity.chain = chain_of(*context);
  if (ok) {
    validity.standing = Standing::good;
    return validity;
  }
  validity.chain_error = X509_STORE_CTX_get_error(context.get());
  const ErrorRow row = row_of_error(validity.chain_error, X509_STORE_CTX_get_error_depth(context.get()),
                                    !trust.anchors.empty());
  validity.standing = row.standing, validity.cause = row.cause;
  const Standing days = standing_of_days(certificate, question.at);
  if (days == Standing::good) return validity;
  if (row.standing == Standing::unchecked) validity.standing = days;
  if (row.cause == Cause::ca_days) validity.standing = days, validity.cause = Cause::none;
  return validity;
}

}  // namespace

// Of several certificates for an issuer's name OpenSSL takes one and never comes back for another; where
// bridges and CAs certify each other that one often leads away from the trusted CA.
Validity follow_chain(const Certificate& certificate, const Trust& trust, const Question& question) {
  Validity validity = follow(certificate, trust, trust.helpers, question);
  if (validity.standing == Standing::good) return validity;
  for (const auto& way : ways_to_anchors(certificate, trust)) {
    Validity other = follow(certificate, trust, way, question);
    const bool nearer = validity.cause == Cause::issuer_not_trusted && other.cause != validity.cause;
    if (other.standing == Standing::good || nearer) validity = std::move(other);
    if (validity.standing == Standing::good) break;
  }
  return validity;
}

}  // namespace jpki::service
