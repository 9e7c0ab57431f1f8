#include "jpki/extension_lines.hpp"

#include <openssl/objects.h>

#include <array>

#include "jpki/names.hpp"
#include "jpki/openssl.hpp"
#include "jpki/profile.hpp"
#include "jpki/text.hpp"

namespace jpki::service {
namespace {

struct BitName {
  std::uint32_t bit;
  std::string_view name;
};
// RFC 5280, 4.2.1.3.
constexpr std::array usage_names{
    BitName{KU_DIGITAL_SIGNATURE, "digitalSignature"},
    BitName{KU_NON_REPUDIATION, "nonRepudiation"},
    BitName{KU_KEY_ENCIPHERMENT, "keyEncipherment"},
    BitName{KU_DATA_ENCIPHERMENT, "dataEncipherment"},
    BitName{KU_KEY_AGREEMENT, "keyAgreement"},
    BitName{KU_KEY_CERT_SIGN, "keyCertSign"},
    BitName{KU_CRL_SIGN, "cRLSign"},
    BitName{KU_ENCIPHER_ONLY, "encipherOnly"},
    BitName{KU_DECIPHER_ONLY, "decipherOnly"},
};

Lines key_usage(const X509& certificate) {
  Lines lines;
  const std::uint32_t bits = X509_get_key_usage(const_cast<X509*>(&certificate));
  for (const auto& row : usage_names) {
    if ((bits & row.bit) != 0) lines.emplace_back(row.name);
  }
  return lines;
}

Lines extended_key_usage(const X509& certificate) {
  Lines lines;
  const auto uses = extension<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(certificate, NID_ext_key_usage);
  for (int i = 0; uses && i < sk_ASN1_OBJECT_num(uses.get()); ++i)
    lines.push_back(object_name(*sk_ASN1_OBJECT_value(uses.get(), i)));
  return lines;
}

void append(Lines& lines, const GENERAL_NAMES* names) {
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names); ++i)
    lines.push_back(general_name_text(*sk_GENERAL_NAME_value(names, i)));
}

template <int nid>
Lines general_names(const X509& certificate) {
  Lines lines;
  append(lines, extension<GENERAL_NAMES, GENERAL_NAMES_free>(certificate, nid).get());
  return lines;
}

std::string qualifier_text(const POLICYQUALINFO& qualifier) {
  if (OBJ_obj2nid(qualifier.pqualid) == NID_id_qt_cps)
    return "CPS: " + string_text(*qualifier.d.cpsuri).value_or("?");
  const bool notice =
      OBJ_obj2nid(qualifier.pqualid) == NID_id_qt_unotice && qualifier.d.usernotice != nullptr;
  if (notice && qualifier.d.usernotice->exptext != nullptr)
    return "Notice: " + string_text(*qualifier.d.usernotice->exptext).value_or("?");
  return oid_text(*qualifier.pqualid);
}

Lines policies(const X509& certificate) {
  Lines lines;
  const auto found =
      extension<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>(certificate, NID_certificate_policies);
  for (int i = 0; found && i < sk_POLICYINFO_num(found.get()); ++i) {
    const POLICYINFO* policy = sk_POLICYINFO_value(found.get(), i);
    lines.push_back(oid_text(*policy->policyid));
    for (int j = 0; policy->qualifiers != nullptr && j < sk_POLICYQUALINFO_num(policy->qualifiers); ++j)
      lines.push_back(qualifier_text(*sk_POLICYQUALINFO_value(policy->qualifiers, j)));
  }
  return lines;
}

Lines crl_points(const X509& certificate) {
  Lines lines;
  const auto points =
      extension<CRL_DIST_POINTS, CRL_DIST_POINTS_free>(certificate, NID_crl_distribution_points);
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT_NAME* name = sk_DIST_POINT_value(points.get(), i)->distpoint;
    if (name != nullptr && name->type == 0) append(lines, name->name.fullname);
  }
  return lines;
}

Lines information_access(const X509& certificate) {
  Lines lines;
  const auto found =
      extension<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>(certificate, NID_info_access);
  for (int i = 0; found && i < sk_ACCESS_DESCRIPTION_num(found.get()); ++i) {
    const ACCESS_DESCRIPTION* row = sk_ACCESS_DESCRIPTION_value(found.get(), i);
    lines.push_back(object_name(*row->method) + ": " + general_name_text(*row->location));
  }
  return lines;
}

Lines authority_key(const X509& certificate) {
  Lines lines;
  const auto id = extension<AUTHORITY_KEYID, AUTHORITY_KEYID_free>(certificate, NID_authority_key_identifier);
  if (!id) return lines;
  if (id->keyid != nullptr) lines.push_back(colon_hex(*id->keyid));
  append(lines, id->issuer);
  if (id->serial != nullptr) lines.push_back(colon_hex(*id->serial));
  return lines;
}

Lines subject_key(const X509& certificate) {
  const auto id =
      extension<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>(certificate, NID_subject_key_identifier);
  return id ? Lines{colon_hex(*id)} : Lines{};
}

Lines basic_constraints(const X509& certificate) {
  const auto found = extension<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(certificate, NID_basic_constraints);
  if (!found) return {};
  Lines lines{found->ca != 0 ? "CA: TRUE" : "CA: FALSE"};
  if (found->pathlen != nullptr)
    lines.push_back("pathLenConstraint: " + std::to_string(ASN1_INTEGER_get(found->pathlen)));
  return lines;
}

Lines policy_mappings(const X509& certificate) {
  Lines lines;
  const Owned<POLICY_MAPPINGS,
              [](POLICY_MAPPINGS* all) { sk_POLICY_MAPPING_pop_free(all, POLICY_MAPPING_free); }>
      found(static_cast<POLICY_MAPPINGS*>(
          X509_get_ext_d2i(&certificate, NID_policy_mappings, nullptr, nullptr)));
  for (int i = 0; found && i < sk_POLICY_MAPPING_num(found.get()); ++i) {
    const POLICY_MAPPING* row = sk_POLICY_MAPPING_value(found.get(), i);
    lines.push_back(oid_text(*row->issuerDomainPolicy) + " = " + oid_text(*row->subjectDomainPolicy));
  }
  return lines;
}

constexpr std::array rows{
    ExtensionRow{NID_key_usage, "Key usage", key_usage},
    ExtensionRow{NID_ext_key_usage, "Extended key usage", extended_key_usage},
    ExtensionRow{NID_subject_alt_name, "Subject alternative name", general_names<NID_subject_alt_name>},
    ExtensionRow{NID_issuer_alt_name, "Issuer alternative name", general_names<NID_issuer_alt_name>},
    ExtensionRow{NID_certificate_policies, "Certificate policies", policies},
    ExtensionRow{NID_policy_mappings, "Policy mappings", policy_mappings},
    ExtensionRow{NID_policy_constraints, "Policy constraints", nullptr},
    ExtensionRow{NID_inhibit_any_policy, "Inhibit any policy", nullptr},
    ExtensionRow{NID_name_constraints, "Name constraints", nullptr},
    ExtensionRow{NID_crl_distribution_points, "CRL distribution points", crl_points},
    ExtensionRow{NID_info_access, "Authority information access", information_access},
    ExtensionRow{NID_authority_key_identifier, "Authority key identifier", authority_key},
    ExtensionRow{NID_subject_key_identifier, "Subject key identifier", subject_key},
    ExtensionRow{NID_basic_constraints, "Basic constraints", basic_constraints},
};

// OpenSSL's own words, line by line; empty where it has none for this extension.
Lines printed(const X509_EXTENSION& extension) {
  const Bio bio(BIO_new(BIO_s_mem()));
  crypto::require(bio != nullptr, "BIO_new");
  const int ok = X509V3_EXT_print(bio.get(), const_cast<X509_EXTENSION*>(&extension), X509V3_EXT_DEFAULT, 0);
  ERR_clear_error();
  if (ok != 1) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  std::string_view rest(text, static_cast<std::size_t>(size));
  Lines lines;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (end != 0) lines.push_back(shown(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

}  // namespace

std::span<const ExtensionRow> extension_rows() { return rows; }

Lines extension_lines(const X509& certificate, const X509_EXTENSION& extension) {
  auto* held = const_cast<X509_EXTENSION*>(&extension);
  const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(held));
  Lines lines;
  for (const auto& row : rows) {
    if (row.nid == nid) lines = row.lines != nullptr ? row.lines(certificate) : printed(extension);
  }
  return lines.empty() ? Lines{colon_hex(*X509_EXTENSION_get_data(held))} : lines;
}

}  // namespace jpki::service
