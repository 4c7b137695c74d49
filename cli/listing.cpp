#include "cli/listing.hpp"

#include <ostream>

#include "reports/screen.hpp"
#include "reports/text/fold.hpp"

namespace backout::cli {

void write_listing(const Invocation& invocation, std::string_view text) {
  if (reports::is_terminal(invocation.out))
    reports::write_folded(text, invocation.width, invocation.out);
  else
    invocation.out << text;
}

}  // namespace backout::cli
