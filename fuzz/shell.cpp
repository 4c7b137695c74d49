// Shell text alone, each command looked up in the catalogue.
#include <string>

#include "importers/shell/shell.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout::importers;
  const Located text = Located::at(std::string(reinterpret_cast<const char*>(data), size), 0, 0);
  for (const Command& command : read_shell(text).commands) command.known();
  return 0;
}
