// The verbs, one file each: exit status, or Failure.
#pragma once

#include "tool/command_line.hpp"

namespace jpki::tool {

int show_certificate(const Context& context);
int show_fingerprint(const Context& context);
int show_status(const Context& context);
int check_certificate(const Context& context);
int sign_file(const Context& context);
int verify_file(const Context& context);
int revoke_online(const Context& context);
int add_trust(const Context& context);
int list_trust(const Context& context);
int remove_trust(const Context& context);
int show_pins(const Context& context);
int change_pin(const Context& context);
int explain_pins(const Context& context);
int see_doctor(const Context& context);
int set_up(const Context& context);

}  // namespace jpki::tool
