// The families of mechanisms: one file each, one array of rows each. registry.cpp lists them.
#pragma once

#include <span>

#include "core/mechanism.hpp"

namespace jpki::mechanism {

std::span<const core::MechanismRow> digest_rows();
std::span<const core::MechanismRow> rsa_pkcs1_rows();
std::span<const core::MechanismRow> rsa_x509_rows();
std::span<const core::MechanismRow> rsa_pss_rows();
std::span<const core::MechanismRow> rsa_oaep_rows();
std::span<const core::MechanismRow> ecdsa_rows();
std::span<const core::MechanismRow> eddsa_rows();
std::span<const core::MechanismRow> key_pair_rows();

/// All rows of the program.
const core::MechanismTable& registry();

}  // namespace jpki::mechanism
