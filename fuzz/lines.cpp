// Shell before its grammar: what is no shell, what is too dense, whether a line's status tells.
#include <string>

#include "fuzz/check.hpp"
#include "importers/shell/dense.hpp"
#include "importers/shell/prepare.hpp"
#include "services/shell_status.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  using namespace backout::importers;
  const std::string_view text = fuzz::text_of(data, size);
  const Prepared prepared = prepare_shell(text);
  fuzz::demand(prepared.text.size() == size, "prepared text is as long as it was");
  for (const Prepared::Piece& piece : prepared.foreign)
    fuzz::demand(piece.begin <= piece.end && piece.end <= size, "a foreign piece lies in the text");
  std::size_t before = 0;
  for (const DensePart& part : dense_parts(text)) {
    fuzz::demand(before <= part.begin && part.begin <= part.end && part.end <= size,
                 "dense parts lie in the text, in order");
    before = part.end;
  }
  for (const TextLine& line : text_lines(text)) {
    fuzz::demand(line.begin <= line.end && line.end <= size, "a line lies in the text");
    const std::string_view words = text.substr(line.begin, line.end - line.begin);
    begins_sql(words);
    is_placeholder(words);
    is_known_tool(words);
  }
  language_of(text, "bash");
  language_of(text, "");
  services::why_status_is_lost(text);
  services::only_looks(text);
  return 0;
}
