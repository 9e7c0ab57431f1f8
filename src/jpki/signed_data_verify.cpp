#include <openssl/cms.h>

#include <algorithm>

#include "base/der.hpp"
#include "crypto/hash.hpp"
#include "jpki/chain.hpp"
#include "jpki/openssl.hpp"
#include "jpki/pem.hpp"
#include "jpki/signed_data.hpp"

namespace jpki::service {
namespace {

using Cms = Owned<CMS_ContentInfo, CMS_ContentInfo_free>;
struct FreeWithCertificates {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
};

Cms read_cms(ByteView der) {
  CMS_ContentInfo* raw = CMS_ContentInfo_new_ex(crypto::library(), nullptr);
  crypto::require(raw != nullptr, "CMS_ContentInfo_new_ex");
  const unsigned char* at = der.data();
  // On failure d2i frees what it was given and clears the pointer.
  if (d2i_CMS_ContentInfo(&raw, &at, static_cast<long>(der.size())) == nullptr ||
      at != der.data() + der.size()) {
    CMS_ContentInfo_free(raw);
    ERR_clear_error();
    return nullptr;
  }
  return Cms(raw);
}

// A BIO that reads from Content: OpenSSL pulls.
int read_content(BIO* bio, char* to, int size) {
  const auto* content = static_cast<const Content*>(BIO_get_data(bio));
  return static_cast<int>(
      content->read({reinterpret_cast<std::uint8_t*>(to), static_cast<std::size_t>(size)}));
}
int make_content(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}
long control_content(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* content_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "content");
    crypto::require(made != nullptr, "BIO_meth_new");
    BIO_meth_set_read(made, read_content);
    BIO_meth_set_create(made, make_content);
    BIO_meth_set_ctrl(made, control_content);
    return made;
  }();
  return method;
}

Bio bio_of(const Content& content) {
  Bio bio(BIO_new(content_method()));
  crypto::require(bio != nullptr, "BIO_new");
  BIO_set_data(bio.get(), const_cast<Content*>(&content));
  return bio;
}

// Empty for what OpenSSL takes for a certificate and is none.
std::optional<Certificate> certificate_of(const X509* x509) {
  return x509 == nullptr ? std::nullopt : Certificate::from_der(encoding(x509, i2d_X509));
}

std::vector<Certificate> certificates_of(CMS_ContentInfo& cms) {
  std::vector<Certificate> found;
  const std::unique_ptr<STACK_OF(X509), FreeWithCertificates> all(CMS_get1_certs(&cms));
  for (int i = 0; all && i < sk_X509_num(all.get()); ++i)
    if (auto certificate = certificate_of(sk_X509_value(all.get(), i)))
      found.push_back(std::move(*certificate));
  ERR_clear_error();
  return found;
}

const ASN1_TYPE* attribute_of(CMS_SignerInfo& signer, int nid) {
  const int at = CMS_signed_get_attr_by_NID(&signer, nid, -1);
  X509_ATTRIBUTE* attribute = at < 0 ? nullptr : CMS_signed_get_attr(&signer, at);
  return attribute != nullptr && X509_ATTRIBUTE_count(attribute) == 1 ? X509_ATTRIBUTE_get0_type(attribute, 0)
                                                                      : nullptr;
}

std::optional<Instant> signing_time(CMS_SignerInfo& signer) {
  const ASN1_TYPE* value = attribute_of(signer, NID_pkcs9_signingTime);
  const bool is_time =
      value != nullptr && (value->type == V_ASN1_UTCTIME || value->type == V_ASN1_GENERALIZEDTIME);
  return is_time ? instant_of(value->value.asn1_string) : std::nullopt;
}

// SigningCertificate ::= SEQUENCE { certs SEQUENCE OF ESSCertID, ... }; an ESSCertID begins with the digest,
// an ESSCertIDv2 perhaps with the digest's algorithm (RFC 5035). The digest's length tells which it is.
std::optional<Bytes> first_certificate_digest(const ASN1_TYPE& value) {
  if (value.type != V_ASN1_SEQUENCE) return std::nullopt;
  const Bytes content = content_of(*value.value.sequence);
  der::Reader whole(content);
  const auto signing = whole.next(der::sequence);
  const auto all = signing ? der::Reader(signing->content).next(der::sequence) : std::nullopt;
  const auto first = all ? der::Reader(all->content).next(der::sequence) : std::nullopt;
  if (!first) return std::nullopt;
  der::Reader id(first->content);
  id.next(der::sequence);  // the algorithm, if it is there
  const auto digest = id.next(der::octet_string);
  return digest ? std::optional(copy_of(digest->content)) : std::nullopt;
}

bool names(CMS_SignerInfo& signer, int nid, std::initializer_list<Hash> hashes,
           const Certificate& certificate) {
  const ASN1_TYPE* value = attribute_of(signer, nid);
  const auto digest = value != nullptr ? first_certificate_digest(*value) : std::nullopt;
  return digest && std::any_of(hashes.begin(), hashes.end(),
                               [&](Hash hash) { return crypto::digest(hash, certificate.der()) == *digest; });
}

// Hashes for which two contents with one digest have been made.
std::string broken_digest(const X509_ALGOR& algorithm) {
  const int nid = OBJ_obj2nid(algorithm.algorithm);
  return nid == NID_md5 || nid == NID_sha1 ? OBJ_nid2sn(nid) : "";
}

bool has_unsigned(const CMS_SignerInfo& info, int nid) {
  return CMS_unsigned_get_attr_by_NID(&info, nid, -1) >= 0;
}

Signer signer_of(CMS_SignerInfo& info, BIO* content) {
  X509* x509 = nullptr;
  X509_ALGOR* digest = nullptr;
  CMS_SignerInfo_get0_algs(&info, nullptr, &x509, &digest, nullptr);
  Signer signer;
  signer.digest = broken_digest(*digest);
  signer.counter_signed = has_unsigned(info, NID_pkcs9_countersignature);
  signer.time_stamped = has_unsigned(info, NID_id_smime_aa_timeStampToken);
  signer.certificate = certificate_of(x509);
  if (!signer.certificate) return signer;
  const bool has_attributes = CMS_signed_get_attr_count(&info) >= 0;
  signer.holds = (!has_attributes || CMS_SignerInfo_verify(&info) == 1) &&
                 CMS_SignerInfo_verify_content(&info, content) == 1;
  signer.when = signing_time(info);
  signer.names_certificate =
      names(info, NID_id_smime_aa_signingCertificateV2, {Hash::sha256, Hash::sha384, Hash::sha512},
            *signer.certificate) ||
      names(info, NID_id_smime_aa_signingCertificate, {Hash::sha1}, *signer.certificate);
  ERR_clear_error();
  return signer;
}

void drain(BIO& bio) {
  char some[1 << 14];
  while (BIO_read(&bio, some, sizeof some) > 0) {
  }
}

}  // namespace

std::optional<SignedData> verify_signed_data(ByteView der, const Content* detached,
                                             const std::vector<Certificate>& helpers) {
  const Cms cms = read_cms(der);
  if (!cms || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) return std::nullopt;
  SignedData found{CMS_is_detached(cms.get()) == 0, {}, certificates_of(*cms)};
  if (!found.embedded && detached == nullptr) return std::nullopt;
  CMS_set1_signers_certs(cms.get(), stack_of(helpers).get(), 0);
  Bio source = found.embedded ? nullptr : bio_of(*detached);
  BIO* chain = CMS_dataInit(cms.get(), source.get());
  ERR_clear_error();
  if (chain == nullptr) return std::nullopt;
  static_cast<void>(source.release());  // the chain's end, and freed with it
  const Bio content(chain);
  drain(*content);
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms.get());
  for (int i = 0; signers != nullptr && i < sk_CMS_SignerInfo_num(signers); ++i)
    found.signers.push_back(signer_of(*sk_CMS_SignerInfo_value(signers, i), content.get()));
  return found;
}

Bytes embedded_content(ByteView der) {
  const Cms cms = read_cms(der);
  ASN1_OCTET_STRING** content = cms ? CMS_get0_content(cms.get()) : nullptr;
  ERR_clear_error();
  return content != nullptr && *content != nullptr ? content_of(**content) : Bytes{};
}

Bytes signed_data_of_file(Bytes content) {
  if (text_of(content).find("-----BEGIN ") == std::string_view::npos) return content;
  const auto as_it_is = [](ByteView der) { return std::optional<Bytes>(copy_of(der)); };
  for (const char* label : {"CMS", "PKCS7"}) {
    auto found = objects_of_file<Bytes>(content, label, as_it_is);
    if (!found.empty()) return std::move(found[0]);
  }
  return {};
}

}  // namespace jpki::service
