// A hierarchy's folder: what is in it, who may read it, and that numbers and keys are never used twice.
#include "counter/ca_folder.hpp"

#include <openssl/pem.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "counter/serials.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace jpki;
using namespace jpki::counter;
using counter_test::hierarchies;
using counter_test::run_counter;
using counter_test::TempFolder;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
  const auto bytes = read_file(path);
  return bytes ? std::string(text_of(*bytes)) : "unreadable";
}

unsigned mode(const fs::path& path) {
  struct stat found {};
  REQUIRE(stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

fs::path copy_of_juki(const TempFolder& folder) {
  fs::copy(hierarchies().juki, folder / "ca", fs::copy_options::recursive);
  return folder / "ca";
}

void overwrite(const fs::path& path, std::string_view text) { replace_file(path, bytes_of(text)); }

}  // namespace

TEST_CASE("a hierarchy is a folder that a person can read, and secrets in it are the owner's") {
  const fs::path mynumber = hierarchies().mynumber, juki = hierarchies().juki;
  CHECK(names_in(mynumber) == std::set<std::string>{"auth-ca.der", "auth-ca.key", "auth-ca.pem", "crl-number",
                                                    "hierarchy.toml", "issued", "issuer.key", "lock",
                                                    "revoked", "serial", "serial.key", "sign-ca.der",
                                                    "sign-ca.key", "sign-ca.pem"});
  CHECK(names_in(juki) == std::set<std::string>{"crl-number", "hierarchy.toml", "issued", "issuer.key",
                                                "lock", "revoked", "serial", "serial.key", "sign-ca.der",
                                                "sign-ca.key", "sign-ca.pem"});
  for (const auto& name : names_in(mynumber)) {
    CAPTURE(name);
    CHECK(mode(mynumber / name) == (name.ends_with(".key") ? 0600 : 0644));
  }
  CHECK(from_hex(content(mynumber / "issuer.key").substr(0, 64)).value().size() == 32);
  CHECK(content(mynumber / "issuer.key") != content(juki / "issuer.key"));
}

TEST_CASE("PEM and DER are the same certificate, of the key beside them") {
  const fs::path folder = hierarchies().mynumber;
  for (const std::string name : {"sign-ca", "auth-ca"}) {
    const Certificate pem = read_certificate_pem(bytes_of(content(folder / (name + ".pem"))));
    CHECK(certificate_der(*pem) == read_file(folder / (name + ".der")));
    const Key key = read_key_pem(bytes_of(content(folder / (name + ".key"))));
    CHECK(X509_check_private_key(pem.get(), key.get()) == 1);
    CHECK(EVP_PKEY_get_bits(key.get()) == 2048);
  }
}

TEST_CASE("what is there is never overwritten, and a failure leaves nothing") {
  const TempFolder folder;
  const std::string key = content(fs::path(hierarchies().juki) / "sign-ca.key");
  const auto again = run_counter({"new-ca", hierarchies().juki, "--governor", "Iwate"});
  CHECK(again.status == 1);
  CHECK(content(fs::path(hierarchies().juki) / "sign-ca.key") == key);

  create_file(folder / "file", bytes_of("mine"));
  CHECK(run_counter({"new-ca", (folder / "file").string(), "--governor", "Iwate"}).status == 1);
  CHECK(content(folder / "file") == "mine");
  fs::create_symlink(folder / "nowhere", folder / "link");
  CHECK(run_counter({"new-ca", (folder / "link").string(), "--governor", "Iwate"}).status == 1);
  CHECK(run_counter({"new-ca", (folder / "bad").string(), "--governor", "Atlantis"}).status == 2);
  CHECK(run_counter({"new-ca", (folder / "bad").string(), "--from", "2020-01-02", "--until", "2020-01-01"})
            .status == 2);
  CHECK(names_in(folder / "") == std::set<std::string>{"file", "link"});

  fs::create_directory(folder / "empty");
  CHECK(run_counter({"new-ca", (folder / "empty/").string(), "--governor", "Iwate"}).status == 0);
  CHECK(fs::exists(folder / "empty" / "sign-ca.key"));
}

TEST_CASE("serial numbers fit into four bytes, are positive, and come once") {
  const Bytes key(16, 7), other(16, 8);
  std::set<std::uint32_t> seen;
  unsigned same = 0;
  for (std::uint32_t n = 0; n < 20000; ++n) {
    const auto serial = serial_number(key, n);
    CHECK((serial >= 1 && serial <= serial_count));
    seen.insert(serial);
    same += serial == serial_number(other, n) ? 1 : 0;
  }
  CHECK(seen.size() == 20000);
  CHECK(same < 3);
  CHECK((serial_number(key, serial_count - 1) >= 1 && serial_number(key, serial_count - 1) <= serial_count));
}

TEST_CASE("serial numbers taken at the same time differ, and the counter is on the disk before") {
  const TempFolder folder;
  const fs::path path = copy_of_juki(folder);
  const int before = std::stoi(content(path / "serial"));
  REQUIRE(before >= 1);  // the CA's own certificate was the first
  std::vector<std::uint32_t> taken(40);
  std::vector<std::thread> threads;
  for (std::size_t part = 0; part < 4; ++part) {
    threads.emplace_back([&, part] {
      CaFolder ca(path);
      for (std::size_t i = 0; i < 10; ++i) taken[part * 10 + i] = ca.take_serial();
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(std::set(taken.begin(), taken.end()).size() == 40);
  CHECK(content(path / "serial") == std::to_string(before + 40) + '\n');
  CHECK(CaFolder(path).take_serial() != taken.back());
}

TEST_CASE("a counter that tells nothing gives no number") {
  const TempFolder folder;
  const fs::path path = copy_of_juki(folder);
  for (const char* bad : {"", "x\n", "-1\n", "1073741824\n", "99999999999\n"}) {
    CAPTURE(bad);
    overwrite(path / "serial", bad);
    CHECK_THROWS_AS(CaFolder(path).take_serial(), CaError);
  }
  fs::remove(path / "serial");
  CHECK_THROWS_AS(CaFolder(path).take_serial(), CaError);
}

TEST_CASE("a damaged hierarchy is refused") {
  const struct {
    const char *file, *text;
  } rows[] = {{"hierarchy.toml", "kind = \"juki\"\n"},
              {"hierarchy.toml", "kind = \"other\"\ngovernor = \"Iwate\"\n"},
              {"hierarchy.toml", "kind = = \n"},
              {"sign-ca.pem", "not a certificate"},
              {"sign-ca.key", "not a key"},
              {"issuer.key", "no digits"},
              {"issuer.key", ""}};
  for (const auto& row : rows) {
    CAPTURE(row.file, row.text);
    const TempFolder folder;
    const fs::path path = copy_of_juki(folder);
    overwrite(path / row.file, row.text);
    CHECK(run_counter({"issue", path.string(), (folder / "card").string()}).status == 1);
    CHECK_FALSE(fs::exists(folder / "card"));
  }
  const TempFolder folder;
  const fs::path path = copy_of_juki(folder);
  fs::copy_file(fs::path(hierarchies().mynumber) / "sign-ca.key", path / "sign-ca.key",
                fs::copy_options::overwrite_existing);
  CHECK(run_counter({"issue", path.string(), (folder / "card").string()}).status == 1);
}

TEST_CASE("the list tells number, place and days, and nobody's data") {
  const TempFolder folder;
  const std::string path = (folder / "ca").string();
  REQUIRE(run_counter({"new-ca", path, "--governor", "Kyoto"}).status == 0);
  REQUIRE(run_counter({"issue", path, (folder / "card").string()}).status == 0);
  const std::string list = content(folder / "ca" / "issued");
  CHECK(std::count(list.begin(), list.end(), '\n') == 3);  // head, CA, card
  CHECK(list.starts_with("# serial\tissuer\tcertificate\tmunicipality\tsubject\tnot before\tnot after\n"));
  CHECK(list.find("\tsign\tca\t-\t-\t2004-01-28T15:00:00Z\t2036-11-20T14:59:59Z\n") != list.npos);
  CHECK(list.find("\tsign\tholder\t13103\t") != list.npos);
  CHECK(list.find("\t2004-04-01T00:00:00Z\t2007-03-31T14:59:59Z\n") != list.npos);
}
