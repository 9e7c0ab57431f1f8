// What a reader states of itself (PC/SC part 10, rev. 2.02.09, 2.6.14).
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "pcsc/api.hpp"

namespace jpki::pcsc {

/// dwMaxAPDUDataSize: bytes of data that the reader passes in one APDU; 0 where it says nothing or "short
/// only".
std::size_t max_apdu_data(const Api& api, SCARDHANDLE card);

}  // namespace jpki::pcsc
