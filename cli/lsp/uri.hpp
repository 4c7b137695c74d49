#pragma once
// Addresses of files, as editors write them.

#include <string>

namespace backout::lsp {

/// The path of a `file:` address of this machine; empty for any other address.
std::string path_of(const std::string& uri);
/// The address of a path, made absolute.
std::string uri_of(const std::string& path);

}  // namespace backout::lsp
