#include "counter/extensions.hpp"

#include <openssl/objects.h>

#include "crypto/hash.hpp"

namespace jpki::counter {
namespace {

void add(X509& certificate, int nid, const void* value, bool critical = false) {
  crypto::require(X509_add1_ext_i2d(&certificate, nid, const_cast<void*>(value), critical ? 1 : 0,
                                    X509V3_ADD_DEFAULT) == 1,
                  "X509_add1_ext_i2d");
}

ASN1_OBJECT* object(const char* oid) { return made(OBJ_txt2obj(oid, 1), "OBJ_txt2obj"); }

// A string of any ASN.1 type that OpenSSL holds in an ASN1_STRING.
ASN1_STRING* string(int type, std::string_view text) {
  Owned<ASN1_STRING, ASN1_STRING_free> made_string(made(ASN1_STRING_type_new(type), "ASN1_STRING_type_new"));
  crypto::require(ASN1_STRING_set(made_string.get(), text.data(), static_cast<int>(text.size())) == 1,
                  "ASN1_STRING_set");
  return made_string.release();
}

void add_to(GENERAL_NAMES& names, const OtherName& other) {
  ASN1_TYPE* value = made(ASN1_TYPE_new(), "ASN1_TYPE_new");
  ASN1_TYPE_set(value, V_ASN1_UTF8STRING, string(V_ASN1_UTF8STRING, other.text));
  GENERAL_NAME* name = made(GENERAL_NAME_new(), "GENERAL_NAME_new");
  crypto::require(GENERAL_NAME_set0_othername(name, object(other.oid), value) == 1,
                  "GENERAL_NAME_set0_othername");
  crypto::require(sk_GENERAL_NAME_push(&names, name) > 0, "sk_GENERAL_NAME_push");
}

POLICYQUALINFO* cps_qualifier(const char* uri) {
  POLICYQUALINFO* qualifier = made(POLICYQUALINFO_new(), "POLICYQUALINFO_new");
  qualifier->pqualid = OBJ_nid2obj(NID_id_qt_cps);
  qualifier->d.cpsuri = string(V_ASN1_IA5STRING, uri);
  return qualifier;
}

void add_extended_usage(X509& certificate, int purpose) {
  const Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> usage(
      made(EXTENDED_KEY_USAGE_new(), "EXTENDED_KEY_USAGE_new"));
  crypto::require(sk_ASN1_OBJECT_push(usage.get(), OBJ_nid2obj(purpose)) > 0, "sk_ASN1_OBJECT_push");
  add(certificate, NID_ext_key_usage, usage.get());
}

void free_mappings(POLICY_MAPPINGS* mappings) { sk_POLICY_MAPPING_pop_free(mappings, POLICY_MAPPING_free); }

}  // namespace

void add_key_usage(X509& certificate, const std::vector<Use>& uses) {
  const Owned<ASN1_BIT_STRING, ASN1_BIT_STRING_free> bits(made(ASN1_BIT_STRING_new(), "ASN1_BIT_STRING_new"));
  for (const Use use : uses) {
    crypto::require(ASN1_BIT_STRING_set_bit(bits.get(), static_cast<int>(use), 1) == 1,
                    "ASN1_BIT_STRING_set_bit");
  }
  add(certificate, NID_key_usage, bits.get(), true);
}

void add_ca_constraints(X509& certificate) {
  const Owned<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> constraints(
      made(BASIC_CONSTRAINTS_new(), "BASIC_CONSTRAINTS_new"));
  constraints->ca = 0xFF;  // as DER writes TRUE (X.690, 11.1); OpenSSL writes the number as it is
  add(certificate, NID_basic_constraints, constraints.get(), true);
}

void add_client_authentication(X509& certificate) { add_extended_usage(certificate, NID_client_auth); }

void add_ocsp_signing(X509& certificate) {
  add_extended_usage(certificate, NID_OCSP_sign);
  const Owned<ASN1_NULL, ASN1_NULL_free> nothing(made(ASN1_NULL_new(), "ASN1_NULL_new"));
  add(certificate, NID_id_pkix_OCSP_noCheck, nothing.get());
}

void add_policy_mapping(X509& certificate, const char* issuer_policy, const char* subject_policy) {
  const Owned<POLICY_MAPPINGS, free_mappings> mappings(made(sk_POLICY_MAPPING_new_null(), "sk_new"));
  POLICY_MAPPING* mapping = made(POLICY_MAPPING_new(), "POLICY_MAPPING_new");
  crypto::require(sk_POLICY_MAPPING_push(mappings.get(), mapping) > 0, "sk_POLICY_MAPPING_push");
  mapping->issuerDomainPolicy = object(issuer_policy);
  mapping->subjectDomainPolicy = object(subject_policy);
  add(certificate, NID_policy_mappings, mappings.get(), true);
}

void add_policy(X509& certificate, const char* policy, const char* cps_uri) {
  const Owned<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free> policies(
      made(CERTIFICATEPOLICIES_new(), "CERTIFICATEPOLICIES_new"));
  POLICYINFO* information = made(POLICYINFO_new(), "POLICYINFO_new");
  crypto::require(sk_POLICYINFO_push(policies.get(), information) > 0, "sk_POLICYINFO_push");
  information->policyid = object(policy);
  information->qualifiers = made(sk_POLICYQUALINFO_new_null(), "sk_POLICYQUALINFO_new_null");
  crypto::require(sk_POLICYQUALINFO_push(information->qualifiers, cps_qualifier(cps_uri)) > 0,
                  "sk_POLICYQUALINFO_push");
  add(certificate, NID_certificate_policies, policies.get(), true);
}

void add_other_names(X509& certificate, const std::vector<OtherName>& others) {
  const GeneralNames names(made(GENERAL_NAMES_new(), "GENERAL_NAMES_new"));
  for (const auto& other : others) add_to(*names, other);
  add_subject_names(certificate, *names);
}

void add_subject_names(X509& certificate, const GENERAL_NAMES& names) {
  add(certificate, NID_subject_alt_name, &names);
}

void add_issuer_names(X509& certificate, const GENERAL_NAMES& names) {
  add(certificate, NID_issuer_alt_name, &names);
}

void add_crl_point(X509& certificate, GeneralNames full_name) {
  const Owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free> points(
      made(CRL_DIST_POINTS_new(), "CRL_DIST_POINTS_new"));
  DIST_POINT* point = made(DIST_POINT_new(), "DIST_POINT_new");
  crypto::require(sk_DIST_POINT_push(points.get(), point) > 0, "sk_DIST_POINT_push");
  point->distpoint = made(DIST_POINT_NAME_new(), "DIST_POINT_NAME_new");
  point->distpoint->type = 0;  // fullName
  point->distpoint->name.fullname = full_name.release();
  add(certificate, NID_crl_distribution_points, points.get());
}

void add_ocsp(X509& certificate, const std::string& address) {
  const Owned<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free> access(
      made(AUTHORITY_INFO_ACCESS_new(), "AUTHORITY_INFO_ACCESS_new"));
  ACCESS_DESCRIPTION* description = made(ACCESS_DESCRIPTION_new(), "ACCESS_DESCRIPTION_new");
  crypto::require(sk_ACCESS_DESCRIPTION_push(access.get(), description) > 0, "sk_ACCESS_DESCRIPTION_push");
  description->method = OBJ_nid2obj(NID_ad_OCSP);
  GENERAL_NAME_set0_value(description->location, GEN_URI, string(V_ASN1_IA5STRING, address));
  add(certificate, NID_info_access, access.get());
}

void add_authority_key(X509& certificate, X509& authority) {
  const Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free> id(made(AUTHORITY_KEYID_new(), "AUTHORITY_KEYID_new"));
  id->keyid = ASN1_OCTET_STRING_dup(made(X509_get0_subject_key_id(&authority), "X509_get0_subject_key_id"));
  id->issuer = directory_names(X509_get_issuer_name(&authority)).release();
  id->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(&authority));
  crypto::require(id->keyid != nullptr && id->serial != nullptr, "ASN1_STRING_dup");
  add(certificate, NID_authority_key_identifier, id.get());
}

void add_authority_key_identifier(X509& certificate, const X509& authority) {
  const Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free> id(made(AUTHORITY_KEYID_new(), "AUTHORITY_KEYID_new"));
  id->keyid = ASN1_OCTET_STRING_dup(
      made(X509_get0_subject_key_id(const_cast<X509*>(&authority)), "X509_get0_subject_key_id"));
  crypto::require(id->keyid != nullptr, "ASN1_OCTET_STRING_dup");
  add(certificate, NID_authority_key_identifier, id.get());
}

void add_subject_key(X509& certificate) {
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  crypto::require(
      X509_pubkey_digest(&certificate, crypto::digest_method(crypto::Hash::sha1), digest, &size) == 1,
      "X509_pubkey_digest");
  const Owned<ASN1_STRING, ASN1_STRING_free> id(string(V_ASN1_OCTET_STRING, text_of({digest, size})));
  add(certificate, NID_subject_key_identifier, id.get());
}

}  // namespace jpki::counter
