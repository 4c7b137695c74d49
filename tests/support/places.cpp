#include "support/places.hpp"

namespace backout {

const char* const kSourceDir = BACKOUT_SOURCE_DIR;
const char* const kProgram = BACKOUT_BINARY;

}  // namespace backout
