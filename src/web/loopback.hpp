// Which addresses are this machine's own: what is not meant for others listens there.
#pragma once

#include <string>

namespace jpki::web {

/// 127.0.0.0/8 (RFC 1122, 3.2.1.3) and ::1 (RFC 4291, 2.5.3); as a number, since a name may come to mean
/// another.
bool is_loopback(const std::string& address);

}  // namespace jpki::web
