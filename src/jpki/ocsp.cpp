#include "jpki/ocsp.hpp"

#include <openssl/ocsp.h>

#include "jpki/chain.hpp"

namespace jpki::service {
namespace {

using namespace std::chrono_literals;
using Request = Owned<OCSP_REQUEST, OCSP_REQUEST_free>;
using Response = Owned<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using BasicResponse = Owned<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using CertificateId = Owned<OCSP_CERTID, OCSP_CERTID_free>;

constexpr auto clock_skew = 5min;
constexpr auto freshness = 24h;  // of an answer that does not say until when it holds

Status unchecked(Cause cause) { return {Standing::unchecked, cause, std::nullopt, std::nullopt}; }

// SHA-1 names the issuer, and protects nothing: what every responder knows (RFC 5019, 2.1.1).
CertificateId id_of(const std::vector<Certificate>& chain) {
  CertificateId id(OCSP_cert_to_id(EVP_sha1(), &chain[0].x509(), &chain[1].x509()));
  crypto::require(id != nullptr, "OCSP_cert_to_id");
  return id;
}

Request request_for(const CertificateId& id) {
  Request request(OCSP_REQUEST_new());
  crypto::require(request != nullptr, "OCSP_REQUEST_new");
  OCSP_CERTID* copy = OCSP_CERTID_dup(id.get());
  crypto::require(copy != nullptr && OCSP_request_add0_id(request.get(), copy) != nullptr,
                  "OCSP_request_add0_id");
  crypto::require(OCSP_request_add1_nonce(request.get(), nullptr, -1) == 1, "OCSP_request_add1_nonce");
  return request;
}

Response response_of(ByteView der) {
  const unsigned char* at = der.data();
  Response response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return response;
}

// Signed by the issuer, or by whom the issuer has named for that (RFC 6960, 4.2.2.2); with our nonce, or
// none.
bool is_signed(const Request& request, BasicResponse& basic, const std::vector<Certificate>& chain,
               const Trust& trust, Instant now) {
  constexpr int nonces_differ = 0;
  if (OCSP_check_nonce(request.get(), basic.get()) == nonces_differ) return false;
  const Store store = store_of(trust.anchors);
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), now.time_since_epoch().count());
  const CertificateStack above = stack_of({chain.begin() + 1, chain.end()});
  const bool ok = OCSP_basic_verify(basic.get(), above.get(), store.get(), 0) == 1;
  ERR_clear_error();
  return ok;
}

struct Answer {
  int status = V_OCSP_CERTSTATUS_UNKNOWN, reason = -1;
  ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
};

bool is_current(const Answer& answer, Instant now) {
  const auto from = instant_of(answer.from), until = instant_of(answer.until);
  if (!from || *from > now + clock_skew) return false;
  return until ? *until + clock_skew >= now : *from + freshness >= now;
}

Status status_of(const Answer& answer, Instant now) {
  if (!is_current(answer, now)) return unchecked(Cause::answer_outdated);
  const auto as_of = instant_of(answer.from);
  switch (answer.status) {
    case V_OCSP_CERTSTATUS_GOOD:
      return {Standing::good, Cause::none, std::nullopt, as_of};
    case V_OCSP_CERTSTATUS_REVOKED: {
      Revocation revocation{instant_of(answer.revoked).value_or(Instant{}), std::nullopt};
      if (answer.reason >= 0) revocation.reason = answer.reason;
      return {Standing::revoked, Cause::none, revocation, as_of};
    }
    default:
      return {Standing::unknown, Cause::none, std::nullopt, as_of};
  }
}

}  // namespace

std::string responder_of(const Certificate& certificate) {
  STACK_OF(OPENSSL_STRING)* addresses = X509_get1_ocsp(&certificate.x509());
  std::string first = addresses != nullptr && sk_OPENSSL_STRING_num(addresses) > 0
                          ? sk_OPENSSL_STRING_value(addresses, 0)
                          : "";
  X509_email_free(addresses);
  return first;
}

Status status_by_responder(const std::vector<Certificate>& chain, const Trust& trust,
                           const Question& question) {
  const std::string url = question.responder.empty() ? responder_of(chain[0]) : question.responder;
  if (url.empty() || !question.post) return unchecked(Cause::no_source);
  const CertificateId id = id_of(chain);
  const Request request = request_for(id);
  const auto answer = question.post(url, encoding(request.get(), i2d_OCSP_REQUEST));
  if (!answer) return unchecked(Cause::no_answer);
  const Response response = response_of(*answer);
  if (!response) return unchecked(Cause::bad_answer);
  if (OCSP_response_status(response.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return unchecked(Cause::refused);
  BasicResponse basic(OCSP_response_get1_basic(response.get()));
  if (!basic || !is_signed(request, basic, chain, trust, question.now)) return unchecked(Cause::bad_answer);
  Answer said;
  if (OCSP_resp_find_status(basic.get(), id.get(), &said.status, &said.reason, &said.revoked, &said.from,
                            &said.until) != 1)
    return unchecked(Cause::bad_answer);
  return status_of(said, question.now);
}

}  // namespace jpki::service
