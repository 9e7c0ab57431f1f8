#include "vcard/switches.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "base/hex.hpp"

namespace jpki::vcard {
namespace {

std::optional<unsigned> number(std::string_view text, unsigned limit) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > limit)
    return std::nullopt;
  return value;
}

template <auto Member>
bool flag(Switches& switches, std::string_view value) {
  if (value != "true" && value != "false") return false;
  switches.*Member = value == "true";
  return true;
}

template <auto Member, unsigned Limit>
bool count(Switches& switches, std::string_view value) {
  const auto parsed = number(value, Limit);
  if (parsed) switches.*Member = *parsed;
  return parsed.has_value();
}

template <class Value>
struct Word {
  std::string_view word;
  Value value;
};

template <auto Member, const auto& Words>
bool choice(Switches& switches, std::string_view value) {
  for (const auto& row : Words) {
    if (row.word != value) continue;
    switches.*Member = row.value;
    return true;
  }
  return false;
}

bool one_byte(Switches& switches, std::string_view value) {
  const auto bytes = from_hex(value);
  if (!bytes || bytes->size() != 1) return false;
  switches.filler = bytes->front();
  return true;
}

// ISO 7816-4, 8.2.1.2: an application identifier has at most 16 bytes.
bool application(Switches& switches, std::string_view value) {
  const auto aid = from_hex(value);
  if (!aid || aid->size() > 16) return false;
  switches.other_application = *aid;
  return true;
}

constexpr std::array blocked_words{Word<std::uint16_t>{"6984", 0x6984}, Word<std::uint16_t>{"6983", 0x6983}};
constexpr std::array blocked_query_words{Word<std::uint16_t>{"63C0", 0x63C0},
                                         Word<std::uint16_t>{"6984", 0x6984},
                                         Word<std::uint16_t>{"6983", 0x6983}};
constexpr std::array unverified_words{
    Word<std::uint16_t>{"6982", 0x6982}, Word<std::uint16_t>{"6985", 0x6985},
    Word<std::uint16_t>{"6300", 0x6300}, Word<std::uint16_t>{"6983", 0x6983}};
constexpr std::array mode_words{Word<ResponseMode>{"plain", ResponseMode::plain},
                                Word<ResponseMode>{"61xx", ResponseMode::more},
                                Word<ResponseMode>{"6Cxx", ResponseMode::exact}};
constexpr std::array half_words{Word<SignatureHalf>{"stored", SignatureHalf::stored},
                                Word<SignatureHalf>{"missing", SignatureHalf::missing},
                                Word<SignatureHalf>{"empty", SignatureHalf::empty}};
constexpr std::array head_words{Word<CertificateHead>{"stored", CertificateHead::stored},
                                Word<CertificateHead>{"3083", CertificateHead::long_length},
                                Word<CertificateHead>{"3080", CertificateHead::indefinite},
                                Word<CertificateHead>{"foreign", CertificateHead::foreign}};

constexpr std::array rows{
    SwitchRow{"blocked_sw", "6984 | 6983", "6984", "answer to VERIFY and CHANGE where no try is left",
              choice<&Switches::blocked_sw, blocked_words>},
    SwitchRow{"blocked_query_sw", "63C0 | 6984 | 6983", "63C0",
              "answer to the tries query where no try is left",
              choice<&Switches::blocked_query_sw, blocked_query_words>},
    SwitchRow{"unverified_sign_sw", "6982 | 6985 | 6300 | 6983", "6982",
              "answer to a signature whose PIN is not verified",
              choice<&Switches::unverified_sign_sw, unverified_words>},
    SwitchRow{"reselect_clears_pin", "true | false", "false", "selecting any application ends verified PINs",
              flag<&Switches::reselect_clears_pin>},
    SwitchRow{"reset_clears_pin", "true | false", "false", "a warm reset ends verified PINs",
              flag<&Switches::reset_clears_pin>},
    SwitchRow{"extended_le", "true | false", "true",
              "extended-length commands are taken; otherwise they are answered with 6700",
              flag<&Switches::extended_le>},
    SwitchRow{"response_mode", "plain | 61xx | 6Cxx", "plain",
              "how response data is handed out: at once; by GET RESPONSE; only for exactly the right Le",
              choice<&Switches::response_mode, mode_words>},
    SwitchRow{"filler", "one byte in hexadecimal", "FF", "fills certificate EFs behind the certificate",
              one_byte},
    SwitchRow{"signature_half", "stored | missing | empty", "stored",
              "the signature half as the folder has it; its EFs missing; its EFs there but empty, EF 0008 "
              "saying so",
              choice<&Switches::signature_half, half_words>},
    SwitchRow{"first_command_6f00", "true | false", "false",
              "the first command after power-on is answered with 6F00", flag<&Switches::first_command_6f00>},
    SwitchRow{"slow_sign_ms", "0 to 60000", "0", "milliseconds that a signature takes longer",
              count<&Switches::slow_sign_ms, 60000>},
    SwitchRow{"short_reads", "0 to 65535", "0",
              "READ BINARY hands out at most so many bytes, whatever Le says; 0 for no limit",
              count<&Switches::short_reads, 65535>},
    SwitchRow{"certificate_head", "stored | 3083 | 3080 | foreign", "stored",
              "the certificate's first bytes: as stored; length in three bytes; indefinite length; no "
              "certificate at all",
              choice<&Switches::certificate_head, head_words>},
    SwitchRow{"jpki_application", "true | false", "true",
              "the card has the JPKI application; otherwise it is foreign",
              flag<&Switches::jpki_application>},
    SwitchRow{"other_application", "AID in hexadecimal, or empty", "",
              "a second application, with an EF 0001 of its own and a PIN EF 0018 of its own", application},
    SwitchRow{"sfi", "true | false", "true",
              "short EF identifiers are taken; otherwise they are answered with 6A86", flag<&Switches::sfi>},
    SwitchRow{"ef0008", "true | false", "true", "EF 0008 (which certificates are there) exists",
              flag<&Switches::ef0008>},
    SwitchRow{"pss", "true | false", "true",
              "COMPUTE DIGITAL SIGNATURE with P1=04 makes RSASSA-PSS; otherwise it is answered with 6A86",
              flag<&Switches::pss>},
};

}  // namespace

std::span<const SwitchRow> switch_rows() { return rows; }

const SwitchRow* find_switch(std::string_view name) {
  for (const auto& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace jpki::vcard
