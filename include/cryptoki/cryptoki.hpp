// The standard's types and their names, for C++.
#pragma once

#include "cryptoki/names.hpp"
#include "cryptoki/pkcs11.h"
