#include "cli/lsp/uri.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace backout::lsp {

namespace {

constexpr std::string_view kUnreserved =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

std::optional<int> hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::string path_of(const std::string& uri) {
  constexpr std::string_view kScheme = "file://";
  if (!uri.starts_with(kScheme)) return {};
  std::string_view rest = std::string_view(uri).substr(kScheme.size());
  if (rest.starts_with("localhost/")) rest.remove_prefix(std::string_view("localhost").size());
  if (!rest.starts_with('/')) return {};
  std::string path;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const auto high = rest[i] == '%' && i + 2 < rest.size() ? hex(rest[i + 1]) : std::nullopt;
    const auto low = high ? hex(rest[i + 2]) : std::nullopt;
    path += low ? static_cast<char>(*high * 16 + *low) : rest[i];
    if (low) i += 2;
  }
  return path.find('\0') == std::string::npos ? path : std::string();
}

std::string uri_of(const std::string& path) {
  std::error_code error;
  const std::string whole = std::filesystem::absolute(path, error).lexically_normal().string();
  std::string uri = "file://";
  for (const char c : whole) {
    if (kUnreserved.find(c) != std::string_view::npos)
      uri += c;
    else
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

}  // namespace backout::lsp
