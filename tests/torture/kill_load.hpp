// What kill.cpp kills: a process that works on a token until it is killed.
//
// Each process says what it is about to do (a small letter) and that it was done (a capital):
//   c NAME               C NAME ID        created
//   u NAME VERSION       U NAME           replaced
//   e NAME               E NAME           erased
//   w                    W                tried a wrong officer's PIN (both processes)
//   x / r                X / R            tried a wrong / the right user PIN (process A)
//   p PIN                P                changed the user PIN (process A)
#pragma once

#include "torture/support.hpp"

namespace jpki::torture {

inline constexpr unsigned tries = 15;
inline constexpr unsigned most_wrong = 6;  // officer's tries of one process in one round

/// Reads the user PIN and a word to begin from standard input, then works until it is killed; it returns,
/// with an exit status, only where something went wrong, having said what.
int load(const std::string& name, const fs::path& file, unsigned seed);

}  // namespace jpki::torture
