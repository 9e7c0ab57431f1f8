#include "counter/crl.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <map>

#include "base/file.hpp"
#include "counter/draft.hpp"
#include "counter/encoding.hpp"
#include "counter/extensions.hpp"
#include "counter/serials.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;

using List = Owned<X509_CRL, X509_CRL_free>;

constexpr long version_2 = 1;
constexpr unsigned for_all = 0644;
constexpr const char* all_lists = "crls.pem";

void add_extension(X509_CRL& list, int nid, const void* value, bool critical = false) {
  crypto::require(
      X509_CRL_add1_ext_i2d(&list, nid, const_cast<void*>(value), critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1,
      "X509_CRL_add1_ext_i2d");
}

// Revocation.when may be before this list and after an earlier one; the reason "unspecified" would be left
// out.
void add_entry(X509_CRL& list, const Entry& entry) {
  Owned<X509_REVOKED, X509_REVOKED_free> row(made(X509_REVOKED_new(), "X509_REVOKED_new"));
  const Owned<ASN1_INTEGER, ASN1_INTEGER_free> serial(made(ASN1_INTEGER_new(), "ASN1_INTEGER_new"));
  crypto::require(ASN1_INTEGER_set_uint64(serial.get(), entry.serial) == 1, "ASN1_INTEGER_set_uint64");
  crypto::require(X509_REVOKED_set_serialNumber(row.get(), serial.get()) == 1,
                  "X509_REVOKED_set_serialNumber");
  const Owned<ASN1_TIME, ASN1_TIME_free> when(made(ASN1_TIME_new(), "ASN1_TIME_new"));
  set_time(when.get(), entry.revoked->when);
  crypto::require(X509_REVOKED_set_revocationDate(row.get(), when.get()) == 1,
                  "X509_REVOKED_set_revocationDate");
  const Owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(
      made(ASN1_ENUMERATED_new(), "ASN1_ENUMERATED_new"));
  crypto::require(ASN1_ENUMERATED_set(reason.get(), static_cast<int>(entry.revoked->reason)) == 1,
                  "ASN1_ENUMERATED_set");
  crypto::require(
      X509_REVOKED_add1_ext_i2d(row.get(), NID_crl_reason, reason.get(), 0, X509V3_ADD_DEFAULT) == 1,
      "X509_REVOKED_add1_ext_i2d");
  crypto::require(X509_CRL_add0_revoked(&list, row.release()) == 1, "X509_CRL_add0_revoked");
}

void set_times(X509_CRL& list, const ListOrder& order) {
  const Owned<ASN1_TIME, ASN1_TIME_free> time(made(ASN1_TIME_new(), "ASN1_TIME_new"));
  set_time(time.get(), order.now);
  crypto::require(X509_CRL_set1_lastUpdate(&list, time.get()) == 1, "X509_CRL_set1_lastUpdate");
  set_time(time.get(), order.next);
  crypto::require(X509_CRL_set1_nextUpdate(&list, time.get()) == 1, "X509_CRL_set1_nextUpdate");
}

// RFC 5280, 5.2.1, 5.2.3, 5.2.5.
void add_extensions(X509_CRL& list, const ListIssuer& issuer, std::uint32_t number, GeneralNames point) {
  const Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free> key(made(AUTHORITY_KEYID_new(), "AUTHORITY_KEYID_new"));
  key->keyid =
      ASN1_OCTET_STRING_dup(made(X509_get0_subject_key_id(&issuer.certificate), "X509_get0_subject_key_id"));
  add_extension(list, NID_authority_key_identifier, key.get());
  const Owned<ASN1_INTEGER, ASN1_INTEGER_free> count(made(ASN1_INTEGER_new(), "ASN1_INTEGER_new"));
  crypto::require(ASN1_INTEGER_set_uint64(count.get(), number) == 1, "ASN1_INTEGER_set_uint64");
  add_extension(list, NID_crl_number, count.get());
  const Owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free> part(
      made(ISSUING_DIST_POINT_new(), "ISSUING_DIST_POINT_new"));
  part->distpoint = made(DIST_POINT_NAME_new(), "DIST_POINT_NAME_new");
  part->distpoint->type = 0;  // fullName
  part->distpoint->name.fullname = point.release();
  add_extension(list, NID_issuing_distribution_point, part.get(), true);
}

List make_list(const ListOrder& order, const ListIssuer& issuer, std::uint32_t number, GeneralNames point,
               const std::vector<Entry>& entries) {
  List list(made(X509_CRL_new_ex(crypto::library(), nullptr), "X509_CRL_new_ex"));
  crypto::require(X509_CRL_set_version(list.get(), version_2) == 1, "X509_CRL_set_version");
  crypto::require(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(&issuer.certificate)) == 1,
                  "X509_CRL_set_issuer_name");
  set_times(*list, order);
  for (const auto& entry : entries)
    if (entry.revoked) add_entry(*list, entry);
  X509_CRL_sort(list.get());
  add_extensions(*list, issuer, number, std::move(point));
  const Owned<EVP_MD, EVP_MD_free> digest(
      made(EVP_MD_fetch(crypto::library(), issuer.digest, nullptr), "EVP_MD_fetch"));
  crypto::require(X509_CRL_sign(list.get(), &issuer.key, digest.get()) > 0, "X509_CRL_sign");
  crypto::require(X509_CRL_verify(list.get(), &issuer.key) == 1, "X509_CRL_verify");
  return list;
}

std::string pem_of(X509_CRL& list) {
  const Bio bio(made(BIO_new(BIO_s_mem()), "BIO_new"));
  crypto::require(PEM_write_bio_X509_CRL(bio.get(), &list) == 1, "PEM_write_bio_X509_CRL");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// By the municipality; what is no holder's has none.
using Parts = std::map<std::string, std::vector<Entry>>;

Parts parts_of(const std::vector<Entry>& entries, const ListIssuer& issuer) {
  Parts parts{{std::string(), {}}};
  for (const auto& entry : entries)
    if (entry.issuer == issuer.name) parts[issuer.part ? entry.municipality : std::string()].push_back(entry);
  return parts;
}

GeneralNames point_of(const ListIssuer& issuer, const std::string& municipality) {
  return municipality.empty() ? directory_names(X509_get_subject_name(&issuer.certificate))
                              : directory_names(issuer.part(municipality));
}

std::size_t revoked_in(const std::vector<Entry>& entries) {
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [](auto& entry) { return entry.revoked.has_value(); }));
}

}  // namespace

std::vector<WrittenList> write_lists(const ListOrder& order, const std::vector<ListIssuer>& issuers) {
  fs::create_directories(order.to);
  const FolderLock lock(order.folder);
  const std::uint32_t number = take_crl_number(order.folder, lock);
  const auto entries = Register(order.folder).all();
  std::vector<WrittenList> written;
  std::string pem;
  for (const auto& issuer : issuers) {
    for (const auto& [municipality, its_own] : parts_of(entries, issuer)) {
      const List list = make_list(order, issuer, number, point_of(issuer, municipality), its_own);
      const fs::path file =
          order.to / (issuer.name + '-' + (municipality.empty() ? "ca" : municipality) + ".crl");
      replace_file(file, encoding(*list, i2d_X509_CRL, "i2d_X509_CRL"), for_all);
      pem += pem_of(*list);
      written.push_back({file, revoked_in(its_own)});
    }
  }
  replace_file(order.to / all_lists, bytes_of(pem), for_all);
  return written;
}

}  // namespace jpki::counter
