// For the generated probes: records a structure or a member, if the header has it.
#pragma once

// What the witnesses' headers include, so that it does not land in the probe's namespace.
#include <cstddef>
#include <cstdint>
#if __has_include(<prtypes.h>)
#include <prtypes.h>
#endif

#include "table.hpp"

#define WHOLE(structure) \
  if constexpr (requires { sizeof(T); }) table.members[structure "."] = {0, sizeof(T)}

#define MEMBER(structure, member)         \
  if constexpr (requires { &T::member; }) \
  table.members[structure "." #member] = {offsetof(T, member), sizeof(T::member)}
