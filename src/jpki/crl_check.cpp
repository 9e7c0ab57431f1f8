#include "jpki/crl_check.hpp"

#include "jpki/chain.hpp"

namespace jpki::service {
namespace {

struct FreeCrls {
  void operator()(STACK_OF(X509_CRL) * stack) const noexcept { sk_X509_CRL_free(stack); }
};

// What is seen while OpenSSL looks through the lists.
struct Seen {
  X509_STORE_CTX_cert_crl_fn look_up = nullptr;  // OpenSSL's own
  std::optional<Revocation> revocation;
  std::optional<Instant> as_of;
};

Seen& seen_by(X509_STORE_CTX* context) { return *static_cast<Seen*>(X509_STORE_CTX_get_app_data(context)); }

std::optional<Revocation> entry_of(X509_CRL* crl, X509* certificate) {
  X509_REVOKED* entry = nullptr;
  if (X509_CRL_get0_by_cert(crl, &entry, certificate) != 1) return std::nullopt;
  Revocation found{instant_of(X509_REVOKED_get0_revocationDate(entry)).value_or(Instant{}), std::nullopt};
  const Owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(
      static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr)));
  if (reason) found.reason = static_cast<int>(ASN1_ENUMERATED_get(reason.get()));
  return found;
}

int look_up(X509_STORE_CTX* context, X509_CRL* crl, X509* certificate) {
  Seen& seen = seen_by(context);
  seen.as_of = instant_of(X509_CRL_get0_lastUpdate(crl));
  seen.revocation = entry_of(crl, certificate);
  return seen.look_up(context, crl, certificate);
}

// The chain was checked on the day that was asked for; the lists may be of another day.
int days_do_not_count(int ok, X509_STORE_CTX* context) {
  const int error = X509_STORE_CTX_get_error(context);
  if (ok == 1 || (error != X509_V_ERR_CERT_HAS_EXPIRED && error != X509_V_ERR_CERT_NOT_YET_VALID)) return ok;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

Status status_of_error(int error, const Seen& seen) {
  switch (error) {
    case X509_V_OK:
      return {Standing::good, Cause::none, std::nullopt, seen.as_of};
    case X509_V_ERR_CERT_REVOKED:
      return {Standing::revoked, Cause::none, seen.revocation, seen.as_of};
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
      return {Standing::unchecked, Cause::crl_outdated, std::nullopt, seen.as_of};
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
      return {Standing::unchecked, Cause::no_crl, std::nullopt, std::nullopt};
    default:
      return {Standing::unchecked, Cause::crl_bad, std::nullopt, std::nullopt};
  }
}

StoreContext context_for(X509_STORE* store, X509* certificate) {
  StoreContext context(X509_STORE_CTX_new_ex(crypto::library(), nullptr));
  crypto::require(context && X509_STORE_CTX_init(context.get(), store, certificate, nullptr) == 1,
                  "X509_STORE_CTX_init");
  return context;
}

Status status_at(const std::vector<Certificate>& chain, const Trust& trust, Instant when) {
  const Store store = store_of({chain.begin() + 1, chain.end()});
  X509_STORE_set_cert_crl(store.get(), look_up);
  const StoreContext context = context_for(store.get(), &chain[0].x509());
  Seen seen{X509_STORE_CTX_get_cert_crl(context_for(nullptr, nullptr).get()), {}, {}};
  X509_STORE_CTX_set_app_data(context.get(), &seen);
  const std::unique_ptr<STACK_OF(X509_CRL), FreeCrls> crls(sk_X509_CRL_new_null());
  crypto::require(crls != nullptr, "sk_X509_CRL_new_null");
  for (const auto& crl : trust.crls)
    crypto::require(sk_X509_CRL_push(crls.get(), &crl.crl()) > 0, "sk_X509_CRL_push");
  X509_STORE_CTX_set0_crls(context.get(), crls.get());
  X509_STORE_CTX_set_verify_cb(context.get(), days_do_not_count);
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(param, when.time_since_epoch().count());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_EXTENDED_CRL_SUPPORT);
  const bool ok = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return status_of_error(ok ? X509_V_OK : X509_STORE_CTX_get_error(context.get()), seen);
}

}  // namespace

Status status_by_crl(const std::vector<Certificate>& chain, const Trust& trust, const Question& question) {
  const Status then = status_at(chain, trust, question.at);
  return then.standing == Standing::unchecked ? status_at(chain, trust, question.now) : then;
}

}  // namespace jpki::service
