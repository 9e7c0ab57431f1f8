#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <system_error>
#include <thread>
#include <vector>

#include "base/der.hpp"
#include "base/file.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace jpki;

TEST_CASE("hexadecimal text goes both ways") {
  CHECK(to_hex(Bytes{0x00, 0xA4, 0x0F}) == "00A40F");
  CHECK(from_hex("00 a4:0F") == Bytes{0x00, 0xA4, 0x0F});
  CHECK_FALSE(from_hex("0").has_value());
  CHECK_FALSE(from_hex("0G").has_value());
}

TEST_CASE("the DER reader takes what X.690 allows and nothing else") {
  const Bytes two{0x30, 0x03, 0x02, 0x01, 0x05, 0x05, 0x00};
  der::Reader reader(two);
  const auto outer = reader.next(der::sequence);
  REQUIRE(outer.has_value());
  CHECK(outer->content.size() == 3);
  CHECK(reader.next(der::null).has_value());
  CHECK(reader.at_end());

  SECTION("wrong tag consumes nothing") {
    der::Reader again(two);
    CHECK_FALSE(again.next(der::set).has_value());
    CHECK(again.rest().size() == two.size());
  }
  SECTION("lengths that lie, indefinite and padded lengths, high tags") {
    for (const char* bad : {"30", "3005 0102", "3080 0000", "3081 05 0102030405", "308200 10",
                            "3085 0000000001", "1F8101", "3084 FFFFFFFF 00"}) {
      const auto bytes = from_hex(bad);
      REQUIRE(bytes.has_value());
      CHECK_FALSE(der::Reader(*bytes).next().has_value());
    }
  }
  SECTION("total length from the head alone") {
    CHECK(der::total_length(Bytes{0x30, 0x82, 0x06, 0x32}) == 4U + 1586U);
    CHECK(der::total_length(Bytes{0x30, 0x10}) == 18U);
    CHECK_FALSE(der::total_length(Bytes{0x30, 0x82, 0x06}).has_value());
  }
  SECTION("written elements have the shortest length") {
    CHECK(to_hex(der::element(0x04, Bytes(3, 0xAA))) == "0403AAAAAA");
    CHECK(to_hex(der::element(0x04, Bytes(200, 0))).substr(0, 6) == "0481C8");
    CHECK(to_hex(der::element(0x04, Bytes(300, 0))).substr(0, 8) == "0482012C");
  }
}

TEST_CASE("a secret moves and is empty afterwards") {
  Secret pin(bytes_of("1234"));
  Secret moved(std::move(pin));
  CHECK(text_of(moved.view()) == "1234");
  CHECK(pin.empty());  // NOLINT(bugprone-use-after-move): that is the claim
  moved = Secret();
  CHECK(moved.size() == 0);
}

TEST_CASE("secrets of all lengths, many at once, keep apart and begin as zeros") {
  for (int round = 0; round < 3; ++round) {
    std::vector<Secret> secrets;
    for (std::size_t i = 0; i < 200; ++i) {
      Secret& secret = secrets.emplace_back(1 + i * 37 % 1300);
      CHECK(std::all_of(secret.view().begin(), secret.view().end(), [](auto byte) { return byte == 0; }));
      std::fill(secret.span().begin(), secret.span().end(), static_cast<std::uint8_t>(i + 1));
      if (i % 3 == 0) secrets[i / 2] = Secret();
    }
    for (std::size_t i = 0; i < secrets.size(); ++i)
      for (const auto byte : secrets[i].view()) REQUIRE(byte == static_cast<std::uint8_t>(i + 1));
  }
}

TEST_CASE("secrets of several threads keep apart") {
  const auto work = [](std::uint8_t mark, std::atomic<int>& wrong) {
    for (std::size_t i = 0; i < 5000; ++i) {
      Secret small(1 + i % 300), other(200);
      std::fill(small.span().begin(), small.span().end(), mark);
      std::fill(other.span().begin(), other.span().end(), mark);
      for (const Secret* secret : {&small, &other})
        for (const auto byte : secret->view()) wrong += byte != mark;
    }
  };
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::uint8_t mark = 1; mark <= 4; ++mark) threads.emplace_back(work, mark, std::ref(wrong));
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a file is read whole, however long it is") {
  const test::TempFolder folder;
  for (const std::size_t size : {0, 1, 4095, 4096, 4097, 8192, 300000}) {
    Bytes content(size);
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    replace_file(folder.path() / "file", content, 0600);
    CHECK(read_file(folder.path() / "file") == content);
  }
}

TEST_CASE("files are replaced whole, and created once") {
  const test::TempFolder folder;
  const auto path = folder.path() / "counter";
  create_file(path, bytes_of("1"), 0600);
  CHECK_THROWS_AS(create_file(path, bytes_of("2")), std::system_error);
  CHECK(text_of(*read_file(path)) == "1");
  replace_file(path, bytes_of("3"), 0644);
  CHECK(text_of(*read_file(path)) == "3");
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0644);
  CHECK_FALSE(read_file(path, 0).has_value());
  CHECK_FALSE(read_file(folder.path() / "none").has_value());
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("the log takes a level and a path, and is off for anything else") {
  const test::TempFolder folder;
  const auto path = folder.path() / "log";
  REQUIRE(log::configure("info:" + path.string()));
  log::info("one");
  log::debug("two");
  CHECK(log::configure("off"));
  log::error("three");
  const auto content = read_file(path);
  REQUIRE(content.has_value());
  const auto text = text_of(*content);
  CHECK(text.find(" info: one\n") != std::string_view::npos);
  CHECK(text.find("two") == std::string_view::npos);
  CHECK(text.find("three") == std::string_view::npos);
  CHECK_FALSE(log::configure("loud"));
  CHECK_FALSE(log::enabled(log::Level::error));
  CHECK_FALSE(log::configure("error:" + (folder.path() / "none" / "log").string()));
  CHECK(log::enabled(log::Level::error));  // to standard error
  CHECK(log::configure("off"));
  CHECK(log::names_level("info:/a/path"));
  CHECK(log::names_level("warning"));
  CHECK_FALSE(log::names_level("loud"));
  CHECK_FALSE(log::names_level(""));
}
