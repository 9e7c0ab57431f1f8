#include "counter/responder.hpp"

#include <openssl/ocsp.h>

#include "counter/encoding.hpp"
#include "counter/extensions.hpp"
#include "counter/serials.hpp"

namespace jpki::counter {
namespace {

using Request = Owned<OCSP_REQUEST, OCSP_REQUEST_free>;
using Response = Owned<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using Basic = Owned<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using Time = Owned<ASN1_TIME, ASN1_TIME_free>;

Time time_of(service::Instant instant) {
  Time time(made(ASN1_TIME_new(), "ASN1_TIME_new"));
  set_time(time.get(), instant);
  crypto::require(ASN1_TIME_to_generalizedtime(time.get(), nullptr) != nullptr,
                  "ASN1_TIME_to_generalizedtime");
  return time;
}

Bytes encoded(const Response& response) {
  return encoding(*response, i2d_OCSP_RESPONSE, "i2d_OCSP_RESPONSE");
}

Bytes refusal(int status) {
  const Response response(made(OCSP_response_create(status, nullptr), "OCSP_response_create"));
  return encoded(response);
}

Request parse(ByteView der) {
  const unsigned char* next = der.data();
  Request request(d2i_OCSP_REQUEST(nullptr, &next, static_cast<long>(der.size())));
  ERR_clear_error();
  return next == der.data() + der.size() ? std::move(request) : nullptr;
}

// What the request asks about, with one issuer's names and key under the request's own digest.
bool is_of(OCSP_CERTID* asked, X509& issuer) {
  ASN1_OBJECT* digest = nullptr;
  OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, asked);
  const EVP_MD* method = EVP_get_digestbyobj(digest);
  if (method == nullptr) return false;
  const Owned<OCSP_CERTID, OCSP_CERTID_free> own(OCSP_cert_to_id(method, nullptr, &issuer));
  ERR_clear_error();
  return own && OCSP_id_issuer_cmp(own.get(), asked) == 0;
}

std::uint32_t serial_in(OCSP_CERTID* asked) {
  ASN1_INTEGER* number = nullptr;
  OCSP_id_get0_info(nullptr, nullptr, nullptr, &number, asked);
  std::uint64_t serial = 0;
  const bool fits = ASN1_INTEGER_get_uint64(&serial, number) == 1 && serial <= 0xFFFFFFFF;
  ERR_clear_error();
  return fits ? static_cast<std::uint32_t>(serial) : 0;
}

// A number that this CA never gave is unknown, not good.
void add_status(OCSP_BASICRESP& basic, OCSP_CERTID* asked, const std::optional<Entry>& entry,
                service::Instant now) {
  const Time from = time_of(now), until = time_of(now + std::chrono::hours(1));
  if (entry && entry->revoked) {
    const Time when = time_of(entry->revoked->when);
    crypto::require(OCSP_basic_add1_status(&basic, asked, V_OCSP_CERTSTATUS_REVOKED,
                                           static_cast<int>(entry->revoked->reason), when.get(), from.get(),
                                           until.get()) != nullptr,
                    "OCSP_basic_add1_status");
    return;
  }
  const int status = entry ? V_OCSP_CERTSTATUS_GOOD : V_OCSP_CERTSTATUS_UNKNOWN;
  crypto::require(
      OCSP_basic_add1_status(&basic, asked, status, 0, nullptr, from.get(), until.get()) != nullptr,
      "OCSP_basic_add1_status");
}

}  // namespace

Responder::Responder(std::filesystem::path folder, std::vector<ListIssuer> issuers, Period period)
    : folder_(std::move(folder)) {
  for (auto& issuer : issuers) {
    Key key = new_key();
    const std::uint32_t serial = take_serial(folder_);
    const X509_NAME* name = X509_get_subject_name(&issuer.certificate);
    const Name own(made(X509_NAME_dup(name), "X509_NAME_dup"));
    crypto::require(X509_NAME_add_entry_by_txt(own.get(), "CN", V_ASN1_UTF8STRING,
                                               chars_of(bytes_of("OCSP responder")), -1, -1, 0) == 1,
                    "X509_NAME_add_entry_by_txt");
    Certificate certificate = blank(*name, *own, period, serial, *key);
    add_key_usage(*certificate, {Use::digital_signature});
    add_ocsp_signing(*certificate);
    add_authority_key(*certificate, issuer.certificate);
    add_subject_key(*certificate);
    sign(*certificate, issuer.key, issuer.digest);
    Register(folder_).add({serial, issuer.name, Sort::ocsp, {}, {}, period.first, period.last, {}});
    signers_.push_back({std::move(issuer), {std::move(certificate), std::move(key)}});
  }
}

const Responder::Signer* Responder::signer_for(const void* id) const {
  auto* asked = static_cast<OCSP_CERTID*>(const_cast<void*>(id));
  for (const auto& signer : signers_)
    if (is_of(asked, signer.issuer.certificate)) return &signer;
  return nullptr;
}

// One answer has one signer: a request about several CAs' certificates, or another's, is not ours to answer.
Bytes Responder::answer(ByteView der, service::Instant now) const try {
  const Request request = parse(der);
  const int count = request ? OCSP_request_onereq_count(request.get()) : 0;
  if (count < 1) return refusal(OCSP_RESPONSE_STATUS_MALFORMEDREQUEST);
  const Signer* signer = signer_for(OCSP_onereq_get0_id(OCSP_request_onereq_get0(request.get(), 0)));
  const Basic basic(made(OCSP_BASICRESP_new(), "OCSP_BASICRESP_new"));
  for (int i = 0; i < count; ++i) {
    OCSP_CERTID* asked = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request.get(), i));
    if (signer == nullptr || signer_for(asked) != signer) return refusal(OCSP_RESPONSE_STATUS_UNAUTHORIZED);
    auto entry = Register(folder_).find(serial_in(asked));
    if (entry && entry->issuer != signer->issuer.name) entry.reset();
    add_status(*basic, asked, entry, now);
  }
  OCSP_copy_nonce(basic.get(), request.get());
  crypto::require(OCSP_basic_sign(basic.get(), signer->own.certificate.get(), signer->own.key.get(),
                                  EVP_sha256(), nullptr, 0) == 1,
                  "OCSP_basic_sign");
  const Response response(
      made(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()), "OCSP_response_create"));
  return encoded(response);
} catch (const std::exception&) {
  ERR_clear_error();
  return refusal(OCSP_RESPONSE_STATUS_INTERNALERROR);
}

}  // namespace jpki::counter
