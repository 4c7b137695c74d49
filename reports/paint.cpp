#include "reports/paint.hpp"

#include <ostream>

#include "reports/screen.hpp"

namespace backout::reports {

std::size_t sequence_size(std::string_view text) {
  if (!text.starts_with('\x1b')) return 0;
  const std::string_view last = text.starts_with("\x1b]") ? "\x1b\\" : "m";
  const std::size_t at = text.find(last, 1);
  return at == std::string_view::npos ? text.size() : at + last.size();
}

void write_painted(std::ostream& out, std::string_view text) {
  while (true) {
    const std::size_t begin = text.find('\x1b');
    out << text.substr(0, begin);
    if (begin == std::string_view::npos) return;
    text.remove_prefix(begin);
    const std::size_t size = sequence_size(text);
    write_own(out, text.substr(0, size));
    text.remove_prefix(size);
  }
}

}  // namespace backout::reports
