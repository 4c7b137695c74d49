#include "analyzer/documents/containers.hpp"

#include <algorithm>

namespace backout::analyzer::documents {

namespace {

/// What runs a command in a container that is there, by its command in the catalogue: `docker
/// exec`, `docker compose exec`.
bool enters(const catalogue::Wrapper& wrapper) {
  return wrapper.elsewhere && has(wrapper.command, "exec") && !has(wrapper.command, "kubectl");
}

}  // namespace

bool is_of(std::string_view container, std::string_view service) {
  return container == service || container.ends_with("-" + std::string(service)) ||
         container.ends_with("_" + std::string(service)) ||
         has(container, "-" + std::string(service) + "-") ||
         has(container, "_" + std::string(service) + "_");
}

bool enters_compose(const Command& command) {
  return std::ranges::any_of(command.known().wrappers, [](const catalogue::Wrapper& each) {
    return enters(each) && has(each.command, "compose");
  });
}

std::string entered_by(const Command& command) {
  for (const catalogue::Wrapper& wrapper : command.known().wrappers) {
    if (!enters(wrapper)) continue;
    for (const catalogue::Argument& argument : wrapper.args) {
      if (argument.name == "container" || argument.name == "service") return argument.value;
    }
  }
  return {};
}

}  // namespace backout::analyzer::documents
