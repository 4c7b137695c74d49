#include "cli/lsp/framing.hpp"

#include <algorithm>
#include <istream>
#include <optional>
#include <ostream>

#include <fmt/format.h>

#include "reports/screen.hpp"

namespace backout::lsp {

namespace {

constexpr std::string_view kLength = "content-length:";
constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kMostDigits = 18;

/// The next line of a header without its break; what is longer than a header loses its beginning.
/// False at the end.
bool read_line(std::istream& in, std::string& line) {
  line.clear();
  for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
    if (c == '\n') {
      if (line.ends_with('\r')) line.pop_back();
      return true;
    }
    line += static_cast<char>(c);
    if (line.size() > kLongestLine) line.erase(0, kLongestLine / 2);
  }
  return false;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// The length that a line of the header states. Behind a broken message its rest may stand in front
/// of it.
std::optional<std::string> stated_length(const std::string& line) {
  const std::size_t at = lower(line).rfind(kLength);
  if (at == std::string::npos) return std::nullopt;
  std::string value = line.substr(at + kLength.size());
  const std::size_t first = std::min(value.find_first_not_of(" \t"), value.size());
  value.erase(0, first);
  while (value.ends_with(' ') || value.ends_with('\t')) value.pop_back();
  return value;
}

bool is_length(const std::string& text) {
  return !text.empty() && text.size() <= kMostDigits &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Frame read_content(std::istream& in, std::size_t length) {
  if (length > kLargestMessage) {
    in.ignore(static_cast<std::streamsize>(length));
    return {Frame::Kind::broken, fmt::format("a message of {} bytes is too large: the most is {}",
                                             length, kLargestMessage)};
  }
  constexpr std::size_t kPart = 1 << 20;
  std::string text;
  while (text.size() < length) {
    const std::size_t before = text.size();
    text.resize(std::min(length, before + kPart));
    in.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    if (!in) return {};
  }
  return {Frame::Kind::message, std::move(text)};
}

}  // namespace

Frame read_frame(std::istream& in) {
  std::optional<std::string> length;
  bool any = false;
  for (std::string line; read_line(in, line);) {
    if (line.empty()) {
      if (!any) continue;
      if (!length) return {Frame::Kind::broken, "a header without Content-Length"};
      if (!is_length(*length)) return {Frame::Kind::broken, "Content-Length is no number of bytes"};
      return read_content(in, std::stoull(*length));
    }
    any = true;
    if (auto stated = stated_length(line)) length = std::move(stated);
  }
  return {};
}

void write_frame(std::ostream& out, std::string_view text) {
  reports::write_own(out, fmt::format("Content-Length: {}\r\n\r\n{}", text.size(), text));
  out.flush();
}

}  // namespace backout::lsp
