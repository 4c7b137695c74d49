// TOML of tools: read or refused with a reason.
#include "importers/toml.hpp"
#include "fuzz/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  const auto read = importers::read_toml(fuzz::text_of(data, size));
  fuzz::demand(read || !read.error().message.empty(), "a text is refused with a reason");
  return 0;
}
