#include "reports/paint.hpp"

#include <ostream>

#include "reports/screen.hpp"

namespace backout::reports {

void write_painted(std::ostream& out, std::string_view text) {
  while (true) {
    const std::size_t begin = text.find('\x1b');
    out << text.substr(0, begin);
    if (begin == std::string_view::npos) return;
    const std::size_t end = std::min(text.find('m', begin), text.size() - 1) + 1;
    write_own(out, text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

}  // namespace backout::reports
