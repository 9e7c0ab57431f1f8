#include "counter/register.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <map>
#include <system_error>

#include "base/file.hpp"
#include "counter/serials.hpp"
#include "crypto/random.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using service::Instant;

constexpr const char *issued_file = "issued", *revoked_file = "revoked";
constexpr std::string_view issued_head =
    "# serial\tissuer\tcertificate\tmunicipality\tsubject\tnot before\tnot after\n";
constexpr std::string_view revoked_head = "# serial\twhen\treason\tcause\n";
constexpr std::string_view nothing = "-";  // a column without a value
constexpr unsigned for_all = 0644;
constexpr std::size_t largest_file = std::size_t{1} << 28;

struct SortRow {
  Sort sort;
  std::string_view name;
};
constexpr std::array sort_rows{SortRow{Sort::holder, "holder"}, SortRow{Sort::ca, "ca"},
                               SortRow{Sort::ocsp, "ocsp"}, SortRow{Sort::cross, "cross"},
                               SortRow{Sort::post, "post"}};

std::string_view name_of(Sort sort) {
  return std::find_if(sort_rows.begin(), sort_rows.end(), [&](auto& row) { return row.sort == sort; })->name;
}

using Fields = std::vector<std::string_view>;

Fields split(std::string_view line) {
  Fields fields;
  for (std::size_t at = 0; at <= line.size();) {
    const auto end = std::min(line.find('\t', at), line.size());
    fields.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return fields;
}

[[noreturn]] void damaged(const fs::path& path, std::size_t line) {
  throw CaError("cannot understand " + path.string() + ", line " + std::to_string(line));
}

// Whole lines only: the last one may be in the making, or what a killed process has left of one.
template <class Take>
void for_each_line(const fs::path& path, std::size_t columns, Take take) {
  const auto bytes = read_file(path, largest_file);
  if (!bytes) throw CaError("cannot read " + path.string());
  const std::string_view text = text_of(*bytes);
  std::size_t number = 0;
  // cppcheck-suppress danglingTemporaryLifetime ; text_of() gives a view of what its argument views: of bytes
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != text.npos; at = end + 1) {
    ++number;
    const auto line = text.substr(at, end - at);
    if (line.starts_with('#')) continue;
    const Fields fields = split(line);
    if (fields.size() != columns || !take(fields)) damaged(path, number);
  }
}

std::optional<std::uint32_t> parse_serial(std::string_view text) {
  std::uint32_t serial = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), serial, 16);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && text.size() == 8;
  return whole ? std::optional(serial) : std::nullopt;
}

std::optional<Instant> parse_instant(std::string_view text) {
  if (text.size() != 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z')
    return std::nullopt;
  const auto day = service::parse_date(text.substr(0, 10));
  const auto hours = service::parse_number(text.substr(11, 2)),
             minutes = service::parse_number(text.substr(14, 2)),
             seconds = service::parse_number(text.substr(17, 2));
  if (!day || !hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 59)
    return std::nullopt;
  using namespace std::chrono;
  return Instant(sys_days(*day)) + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

std::string column(std::string_view text) { return std::string(text.empty() ? nothing : text); }
std::string value(std::string_view field) { return field == nothing ? std::string() : std::string(field); }

std::string line_of(const Entry& entry) {
  return serial_text(entry.serial) + '\t' + column(entry.issuer) + '\t' + std::string(name_of(entry.sort)) +
         '\t' + column(entry.municipality) + '\t' + column(entry.subject) + '\t' + instant_text(entry.first) +
         '\t' + instant_text(entry.last) + '\n';
}

std::optional<Entry> entry_of(const Fields& fields) {
  const auto serial = parse_serial(fields[0]);
  const auto sort =
      std::find_if(sort_rows.begin(), sort_rows.end(), [&](auto& row) { return row.name == fields[2]; });
  const auto first = parse_instant(fields[5]), last = parse_instant(fields[6]);
  if (!serial || sort == sort_rows.end() || !first || !last) return std::nullopt;
  return Entry{*serial, value(fields[1]), sort->sort, value(fields[3]), value(fields[4]), *first, *last, {}};
}

using Revocations = std::map<std::uint32_t, Revoked>;

Revocations read_revocations(const fs::path& path) {
  Revocations found;
  for_each_line(path, 4, [&](const Fields& fields) {
    const auto serial = parse_serial(fields[0]);
    const auto when = parse_instant(fields[1]);
    const auto reason = service::parse_number(fields[2]);
    if (!serial || !when || !reason) return false;
    return found.emplace(*serial, Revoked{*when, static_cast<Reason>(*reason), value(fields[3])}).second;
  });
  return found;
}

std::string text_of(const Revocations& revocations) {
  std::string text(revoked_head);
  for (const auto& [serial, how] : revocations)
    text += serial_text(serial) + '\t' + instant_text(how.when) + '\t' +
            std::to_string(static_cast<int>(how.reason)) + '\t' + column(how.cause) + '\n';
  return text;
}

[[noreturn]] void raise(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

class Journal {
 public:
  explicit Journal(const fs::path& path) : path_(path), fd_(open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0) raise(path_);
  }
  ~Journal() { close(fd_); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Behind the last whole line: what a killed process left of one was never told to anybody.
  void append(std::string_view line) {
    const off_t end = whole_end();
    if (ftruncate(fd_, end) != 0) raise(path_);
    if (pwrite(fd_, line.data(), line.size(), end) != static_cast<ssize_t>(line.size())) raise(path_);
    if (fsync(fd_) != 0) raise(path_);
  }

 private:
  off_t whole_end() const {
    char c = 0;
    off_t end = lseek(fd_, 0, SEEK_END);
    while (end > 0 && pread(fd_, &c, 1, end - 1) == 1 && c != '\n') --end;
    return end;
  }

  const fs::path path_;
  int fd_;
};

}  // namespace

std::string instant_text(Instant instant) {
  using namespace std::chrono;
  const auto day = floor<days>(instant);
  const hh_mm_ss time(instant - day);
  char clock[24];
  std::snprintf(clock, sizeof clock, "T%02d:%02d:%02dZ", static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return service::date_text(day) + clock;
}

void Register::create(const fs::path& folder) {
  create_file(folder / issued_file, bytes_of(issued_head), for_all);
  create_file(folder / revoked_file, bytes_of(revoked_head), for_all);
}

std::vector<Entry> Register::all() const {
  std::vector<Entry> entries;
  for_each_line(folder_ / issued_file, 7, [&](const Fields& fields) {
    auto entry = entry_of(fields);
    if (entry) entries.push_back(std::move(*entry));
    return entry.has_value();
  });
  const auto revocations = read_revocations(folder_ / revoked_file);
  for (auto& entry : entries) {
    const auto how = revocations.find(entry.serial);
    if (how != revocations.end()) entry.revoked = how->second;
  }
  return entries;
}

std::optional<Entry> Register::find(std::uint32_t serial) const {
  for (auto& entry : all())
    if (entry.serial == serial) return entry;
  return std::nullopt;
}

std::optional<Entry> Register::find(std::uint32_t serial, service::Tier tier) const {
  auto entry = find(serial);
  const bool fits = entry && entry->sort == Sort::holder && entry->issuer == issuer_of(tier);
  return fits ? entry : std::nullopt;
}

std::vector<Entry> Register::of_subject(const std::string& subject) const {
  auto entries = all();
  std::erase_if(entries, [&](const Entry& entry) { return subject.empty() || entry.subject != subject; });
  return entries;
}

std::string Register::new_subject() const {
  for (;;) {
    std::array<std::uint8_t, 10> random{};
    crypto::random_bytes(random);
    std::string digits;
    for (const auto byte : random) digits += static_cast<char>('0' + byte % 10);
    if (of_subject(digits).empty()) return digits;
  }
}

void Register::add(const Entry& entry) {
  const FolderLock lock(folder_);
  Journal(folder_ / issued_file).append(line_of(entry));
}

std::vector<Revocation> Register::revoke(const std::vector<std::uint32_t>& serials, const Revoked& how) {
  return revoke(serials, how, FolderLock(folder_));
}

std::vector<Revocation> Register::revoke(const std::vector<std::uint32_t>& serials, const Revoked& how,
                                         const FolderLock&) {
  auto revocations = read_revocations(folder_ / revoked_file);
  std::vector<Revocation> results;
  bool any = false;
  for (const auto serial : serials) {
    auto entry = find(serial);
    if (!entry)
      throw CaError("no certificate with the serial number " + serial_text(serial) + " was issued here");
    const auto [at, is_new] = revocations.emplace(serial, how);
    entry->revoked = at->second;
    any = any || is_new;
    results.push_back({std::move(*entry), is_new});
  }
  if (any) replace_file(folder_ / revoked_file, bytes_of(text_of(revocations)), for_all);
  return results;
}

}  // namespace jpki::counter
