#include "cli/quoted.hpp"

#include <nlohmann/json.hpp>

namespace backout::cli {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace backout::cli
