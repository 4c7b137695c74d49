#include "reports/text/fold.hpp"

#include <algorithm>
#include <ostream>

#include "reports/text/layout.hpp"

namespace backout::reports {

namespace {

/// Where the lines go on that a long line is broken into, in bytes from its beginning.
std::size_t hanging_indent(std::string_view line, std::size_t width) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  std::size_t indent = begin;
  if (const std::string_view rest = line.substr(begin); rest.starts_with("- ")) indent += 2;
  for (std::size_t at = line.find("  ", begin); at < width * 3 / 5; at = line.find("  ", indent)) {
    indent = std::min(line.find_first_not_of(' ', at), line.size());
  }
  return indent < width * 3 / 5 ? indent : begin;
}

}  // namespace

void write_folded(std::string_view text, std::size_t width, std::ostream& out) {
  bool in_code = false;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const bool fence = line.starts_with("```");
    in_code = in_code != fence;
    if (in_code || fence || line.starts_with('|') || columns_of(line) <= width) {
      out << line << '\n';
      continue;
    }
    const std::size_t indent = hanging_indent(line, width);
    write_wrapped(line.substr(0, indent), line.substr(indent), columns_of(line.substr(0, indent)),
                  width, out);
  }
}

}  // namespace backout::reports
