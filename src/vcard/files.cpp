// The application's files, READ BINARY and GET DATA.
#include <algorithm>
#include <charconv>

#include "vcard/machine.hpp"

namespace jpki::vcard {
namespace {

constexpr std::size_t certificate_ef_size = 2048;  // assumed; EFs are larger than their certificates

void put_text(Bytes& to, std::string_view text, std::size_t width) {
  const auto shown = text.substr(0, width);
  append(to, bytes_of(shown));
  to.insert(to.end(), width - shown.size(), ' ');
}

void put_number(Bytes& to, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(number >> shift));
}

// The content of the outermost SEQUENCE in a form of X.690, 8.1.3, that DER does not have, or something that
// is no certificate.
Bytes with_head(const Bytes& der, CertificateHead head) {
  const bool usual = der.size() > 4 && der[0] == 0x30 && der[1] == 0x82;
  if (head == CertificateHead::stored || (!usual && head != CertificateHead::foreign)) return der;
  if (head == CertificateHead::foreign) return {0x53, 0x04, 0xDE, 0xAD, 0xBE, 0xEF};
  const bool indefinite = head == CertificateHead::indefinite;
  Bytes bytes = indefinite ? Bytes{0x30, 0x80} : Bytes{0x30, 0x83, 0x00, der[2], der[3]};
  append(bytes, ByteView(der).subspan(4));
  if (indefinite) append(bytes, Bytes{0x00, 0x00});
  return bytes;
}

}  // namespace

bool Machine::half_is_empty(std::optional<Role> role) {
  return role == Role::sign && switches().signature_half == SignatureHalf::empty;
}

bool Machine::exists_in_half(const EfRow& row) {
  if (!has_role(settings().kind, *row.role)) return false;
  if (half_is_empty(row.role)) return true;
  if (*row.role == Role::sign && switches().signature_half == SignatureHalf::missing) return false;
  switch (row.type) {
    case EfType::certificate:
      return folder_.certificate(file::certificate(*row.role)) != nullptr;
    case EfType::ca_certificate:
      return folder_.certificate(file::ca_certificate(*row.role)) != nullptr;
    case EfType::key:
      return folder_.has(file::key(*row.role));
    default:
      return folder_.pin(*row.role).has_value();
  }
}

// Of the files that are neither of a half nor token information, the Juki card has none (assumed).
bool Machine::exists(const EfRow& row) {
  if (row.role) return exists_in_half(row);
  if (row.type == EfType::token_info || folder_.has(file::other(row.id))) return true;
  const bool offered = row.type != EfType::availability || switches().ef0008;
  return settings().kind == Kind::mynumber && offered;
}

// The other application has two files, so that a driver can mistake it for ours.
std::optional<Ef> Machine::find(std::uint16_t id) {
  if (session_.application == Application::other && (id == 0x0001 || id == 0x0018)) {
    return Ef{id, id == 0x0001 ? EfType::token_info : EfType::pin, {}};
  }
  if (session_.application != Application::jpki) return std::nullopt;
  const EfRow* row = find_ef(id);
  if (row != nullptr) return exists(*row) ? std::optional(Ef{id, row->type, row->role}) : std::nullopt;
  if (folder_.has(file::other(id))) return Ef{id, EfType::token_info, {}};
  return std::nullopt;
}

// The flattened CK_TOKEN_INFO of EF 0006: 160 bytes, numbers big-endian, text padded with blanks.
Bytes Machine::token_info() {
  constexpr std::uint32_t flags = 0x0000040D, unavailable = 0xFFFFFFFF;
  const auto& token = settings().token;
  const KindRow& kind = row_of(settings().kind);
  Bytes info;
  put_text(info, token.label.empty() ? kind.token_label : std::string_view(token.label), 32);
  put_text(info, token.manufacturer, 32);
  put_text(info, token.model, 16);
  put_text(info, token.serial, 16);
  for (const std::uint32_t n : {flags, 1u, 0u, 1u, 0u, kind.max_pin, kind.min_pin}) put_number(info, n);
  for (int i = 0; i < 4; ++i) put_number(info, unavailable);
  put_text(info, "0301", 4);  // hardware and firmware version
  put_text(info, "9999999999999999", 16);
  return info;
}

// EF 0008: 8F for a certificate that is there; byte 0 for signature, byte 1 for authentication.
Bytes Machine::availability() {
  const auto mark = [this](Role role) -> std::uint8_t {
    const auto ef = find(role == Role::sign ? 0x0001 : 0x000A);
    const bool there = ef && !half_is_empty(role) && folder_.certificate(file::certificate(role)) != nullptr;
    return there ? 0x8F : 0x00;
  };
  return {mark(Role::sign), mark(Role::auth), 0x00};
}

Bytes Machine::certificate_content(const Ef& ef) {
  const auto name =
      ef.type == EfType::certificate ? file::certificate(*ef.role) : file::ca_certificate(*ef.role);
  const Bytes* stored = half_is_empty(ef.role) ? nullptr : folder_.certificate(name);
  Bytes bytes = stored == nullptr ? Bytes{} : with_head(*stored, switches().certificate_head);
  bytes.resize(std::max(bytes.size(), certificate_ef_size), switches().filler);
  return bytes;
}

Bytes Machine::content(const Ef& ef) {
  if (session_.application == Application::other) return copy_of(bytes_of("another card's application"));
  if (ef.type == EfType::certificate || ef.type == EfType::ca_certificate) return certificate_content(ef);
  if (const Bytes* stored = folder_.content(file::other(ef.id))) return *stored;
  return ef.type == EfType::availability ? availability() : token_info();
}

std::uint16_t Machine::read_rule(const Ef& ef) {
  switch (ef.type) {
    case EfType::key:
    case EfType::pin:
    case EfType::internal:
      return sw::wrong_structure;  // assumed
    case EfType::closed:
      return sw::security_status;
    case EfType::certificate:
      return *ef.role == Role::sign && !verified(Role::sign) ? sw::security_status : sw::ok;
    default:
      return sw::ok;
  }
}

Answer Machine::read_binary(const Command& command) {
  std::size_t offset = command.p1p2();
  if ((command.p1 & 0x80) != 0) {
    const bool sound = (command.p1 & 0x60) == 0 && switches().sfi;
    if (!sound) return {sw::wrong_parameters, {}};
    const auto id = static_cast<std::uint16_t>(command.p1 & 0x1F);
    if (!find(id)) return {sw::file_not_found, {}};
    session_.current = id;
    offset = command.p2;
  }
  const auto ef = session_.current ? find(*session_.current) : std::nullopt;
  if (!ef) return {sw::no_current_ef, {}};
  if (const auto rule = read_rule(*ef); rule != sw::ok) return {rule, {}};
  if (!command.le || !command.data.empty()) return {sw::wrong_length, {}};
  const Bytes bytes = content(*ef);
  if (offset >= bytes.size()) return {sw::past_end, {}};
  std::size_t size = std::min(*command.le, bytes.size() - offset);
  if (switches().short_reads != 0) size = std::min<std::size_t>(size, switches().short_reads);
  return with_data(copy_of(ByteView(bytes).subspan(offset, size)));
}

// At MF level, that is before an application is selected, or in the issuer security domain. 5F51 is the
// answer to reset without its first byte. A short Le on a larger object: 6700.
Answer Machine::get_data(const Command& command) {
  const bool master =
      session_.application == Application::none || session_.application == Application::security_domain;
  Bytes bytes;
  if (command.p1p2() == 0x5F51) {
    bytes = copy_of(ByteView(settings().atr).subspan(1));
  } else if (const auto found = settings().data.find(command.p1p2()); found != settings().data.end()) {
    bytes = copy_of(bytes_of(found->second));
  }
  if (!master || bytes.empty()) return {sw::data_not_found, {}};
  if (!command.le || *command.le < bytes.size()) return {sw::wrong_length, {}};
  return with_data(std::move(bytes));
}

}  // namespace jpki::vcard
