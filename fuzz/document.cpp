// Markdown and shell: what begins with "#!" is a script, the rest a document.
#include <string>

#include "importers/document/document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("#!"))
    backout::importers::read_script(text, 0, "undo.sh");
  else
    backout::importers::read_document(text, 0, "ROLLBACK.md");
  return 0;
}
