// A CA of the tests as files, so that the openssl command can make its lists and its answers.
#pragma once

#include <openssl/pem.h>

#include "jpki/trust.hpp"
#include "support.hpp"

namespace jpki_test {

/// DN of a section, as the profile's partitions are named.
inline const std::string partition_of =
    "C=JP\nO=JPKI-TEST\n1.OU=JPKI for digital signature\n"
    "2.OU=CRL Distribution Points\n3.OU=Tokyo-to\nCN=";

class CaFiles {
 public:
  explicit CaFiles(const counter::Authority& authority) {
    const auto pem = counter::certificate_pem(*authority.certificate);
    folder_.write("ca.pem", std::string(pem.begin(), pem.end()));
    FILE* file = fopen((folder_ / "ca.key").c_str(), "w");
    PEM_write_PrivateKey(file, authority.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    fclose(file);
    folder_.write("index.txt", "");
    folder_.write("number", "01\n");
  }

  [[nodiscard]] const Folder& folder() const { return folder_; }

  /// `when`: YYMMDDhhmmssZ; `reason` as openssl ca spells it.
  void revoke(const service::Certificate& certificate, const std::string& when, const std::string& reason) {
    index_ += "R\t491231000000Z\t" + when + "," + reason + "\t" + certificate.serial() + "\tunknown\t/CN=x\n";
    folder_.write("index.txt", index_);
  }
  void know(const service::Certificate& certificate) {
    index_ += "V\t491231000000Z\t\t" + certificate.serial() + "\tunknown\t/CN=x\n";
    folder_.write("index.txt", index_);
  }

  /// A list, for one partition (a municipality's CRLDP) or for all.
  [[nodiscard]] service::Crl crl(const std::string& from, const std::string& until,
                                 const std::string& municipality = {}) const {
    const std::string idp = municipality.empty() ? "" : "issuingDistributionPoint=critical,@idp\n";
    const auto config = folder_.write(
        "config", "[ca]\ndefault_ca=own\n[own]\ndatabase=" + folder_ / "index.txt" +
                      "\ncrlnumber=" + folder_ / "number" +
                      "\ndefault_md=sha256\ncrl_extensions=ext\n[ext]\nauthorityKeyIdentifier=keyid\n" + idp +
                      "[idp]\nfullname=dirName:point\n[point]\n" + partition_of + municipality + " CRLDP\n");
    shell("openssl ca -gencrl -config " + config + " -cert " + folder_ / "ca.pem" + " -keyfile " +
          folder_ / "ca.key" + " -crl_lastupdate " + from + " -crl_nextupdate " + until + " -out " +
          folder_ / "crl.pem");
    return service::read_crls(folder_ / "crl.pem").at(0);
  }

  /// The answer to an OCSP request.
  [[nodiscard]] Bytes answer(ByteView request) const {
    folder_.write("request", std::string(request.begin(), request.end()));
    shell("openssl ocsp -index " + folder_ / "index.txt" + " -CA " + folder_ / "ca.pem" + " -rsigner " +
          folder_ / "ca.pem" + " -rkey " + folder_ / "ca.key" + " -ndays 1 -reqin " + folder_ / "request" +
          " -respout " + folder_ / "response");
    return read_file(folder_ / "response").value();
  }

 private:
  Folder folder_;
  std::string index_;
};

}  // namespace jpki_test
