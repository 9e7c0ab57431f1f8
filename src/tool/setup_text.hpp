// The forms of the files that `jpki setup` writes into: text in, text out. Whatever else is in a text stays
// as it is, and a text that our part was put into and taken out of is the same, byte for byte.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace jpki::tool {

/// A block between two marks, at the end; in place of an earlier one. For files with comments that begin with
/// #.
std::string with_block(const std::string& text, const std::string& name, const std::string& body);
std::string without_block(const std::string& text, const std::string& name);

/// NSS's list of modules, pkcs11.txt: the stanza of our module, in front; in place of an earlier one of ours.
std::string with_module(const std::string& list, const std::string& library);
std::string without_module(const std::string& list);

/// Firefox's policies.json: the module, and a CA's file if one is named. Nothing where the text is no JSON
/// object, or has something else in these places.
std::optional<std::string> with_policies(const std::string& policies, const std::string& library,
                                         const std::string& ca_file);
/// `ca_files`: those that we named.
std::optional<std::string> without_policies(const std::string& policies,
                                            const std::vector<std::string>& ca_files);

/// The folders of the profiles that a profiles.ini names, as it names them: absolute, or below its own
/// folder.
std::vector<std::string> profile_folders(const std::string& ini);

/// An OpenSSH public key line, without a comment (RFC 4253, 6.6; numbers are big-endian).
std::string ssh_rsa_line(const std::string& modulus, const std::string& exponent);

}  // namespace jpki::tool
