#include "pcsc/tpdu.hpp"

#include "apdu/transport.hpp"

namespace jpki::pcsc {

Bytes for_t0(ByteView command) {
  constexpr std::size_t header = 4, lc_at = 4;
  if (command.size() > header + 1) {
    const std::size_t with_data = header + 1 + command[lc_at];
    const bool is_short =
        command[lc_at] != 0 && (command.size() == with_data || command.size() == with_data + 1);
    if (!is_short)
      throw apdu::TransportError(apdu::TransportError::Reason::failed, "T=0 carries no extended APDU");
    return copy_of(command.first(with_data));
  }
  Bytes tpdu = copy_of(command);
  tpdu.resize(header + 1);
  return tpdu;
}

}  // namespace jpki::pcsc
