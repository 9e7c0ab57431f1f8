#include "judgement.hpp"

#include "jpki/person.hpp"

namespace agency {
namespace {

using service::Cause, service::Certificate, service::Standing, service::Tier;

constexpr int affiliation_changed = 3;  // RFC 5280, 5.3.1: what a CA gives for a new name or address

namespace reason {
constexpr Reason unreadable{"unreadable",
                            "署名付きの申請書として読めません / no signed application that can be read"};
constexpr Reason altered{"altered",
                         "署名が内容と一致しません（改ざん） / the content or the signature was altered"};
constexpr Reason broken_hash{
    "broken-hash",
    "SHA-1 などの破られたハッシュによる署名です / the signature is over a broken hash (SHA-1)"};
constexpr Reason no_seal{
    "authentication-certificate",
    "利用者証明用の証明書による署名です / signed with an authentication certificate, which is no seal"};
constexpr Reason forged{"forged",
                        "信頼できる認証局の証明書ではありません / the certificate is no trusted CA's"};
constexpr Reason expired{"expired", "証明書の有効期間が満了しています / the certificate has expired"};
constexpr Reason early{"not-yet-valid",
                       "証明書の有効期間が始まっていません / the certificate is not valid yet"};
constexpr Reason moved{
    "moved",
    "氏名または住所が変わり、証明書は失効しています / the certificate ended when name or address changed"};
constexpr Reason revoked{"revoked", "証明書は失効しています / the certificate is revoked"};
constexpr Reason unchecked{
    "unchecked", "失効していないことを確かめられません / whether it is revoked could not be checked"};
constexpr Reason another_person{
    "another-person",
    "申請書の氏名・住所が証明書と一致しません / name or address are not those of the certificate"};
}  // namespace reason

service::Validity validity_of(const Certificate& certificate, const service::SignedData& data,
                              const Sources& sources, service::Instant now) {
  service::Trust trust;
  trust.anchors = service::read_certificates(sources.authorities);
  trust.helpers = data.certificates;
  trust.crls = service::read_crls(sources.lists);
  service::Question question;
  question.at = question.now = now;
  return service::check(certificate, trust, question);
}

const Reason* reason_of(const service::Validity& validity) {
  switch (validity.standing) {
    case Standing::good:
      return nullptr;
    case Standing::revoked:
      return validity.revocation && validity.revocation->reason == affiliation_changed ? &reason::moved
                                                                                       : &reason::revoked;
    case Standing::expired:
      return &reason::expired;
    case Standing::not_yet_valid:
      return &reason::early;
    case Standing::invalid:
    case Standing::unknown:
      return &reason::forged;
    case Standing::unchecked:
      break;
  }
  return validity.cause == Cause::issuer_not_trusted ? &reason::forged : &reason::unchecked;
}

// The form has a line each: "氏名: ..." and "住所: ...".
std::string line_after(std::string_view text, std::string_view name) {
  const std::string start = std::string(name) + ": ";
  for (std::size_t end; !text.empty(); text.remove_prefix(std::min(end + 1, text.size()))) {
    end = std::min(text.find('\n'), text.size());
    if (text.starts_with(start)) return std::string(text.substr(start.size(), end - start.size()));
  }
  return "";
}

bool is_of(std::string_view application, const Certificate& certificate) {
  const auto person = service::person_of(certificate);
  return person && person->name && person->address && line_after(application, "氏名") == person->name->text &&
         line_after(application, "住所") == person->address->text;
}

const Reason* fault_of(const service::SignedData& data, const Bytes& application, const Sources& sources,
                       service::Instant now) {
  const auto& signer = data.signers[0];
  if (!signer.holds) return &reason::altered;
  if (!signer.digest.empty()) return &reason::broken_hash;  // which broken one it is
  const Certificate& certificate = *signer.certificate;
  if (certificate.tier() == Tier::auth) return &reason::no_seal;
  if (const Reason* found = reason_of(validity_of(certificate, data, sources, now))) return found;
  return is_of(jpki::text_of(application), certificate) ? nullptr : &reason::another_person;
}

}  // namespace

Judgement judge(ByteView signature, const Sources& sources, service::Instant now) {
  const auto data = service::verify_signed_data(signature, nullptr);
  if (!data || !data->embedded || data->signers.size() != 1 || !data->signers[0].certificate)
    return {&reason::unreadable, {}};
  Bytes application = service::embedded_content(signature);
  if (const Reason* found = fault_of(*data, application, sources, now)) return {found, {}};
  return {nullptr, std::move(application)};
}

}  // namespace agency
