// Part of misdirected-command: all services were taken down, only the store was brought up again,
// and something is run in another one.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "analyzer/documents/containers.hpp"
#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// What starts by itself, and needs no other service.
bool is_store(std::string_view service) {
  return has_any(lower(service), {"postgres", "database", "mysql", "mariadb", "redis", "mongo"}) ||
         has_word(lower(service), {"db"});
}

/// Which services of compose run, as far as a procedure says it.
class Running {
 public:
  void follow(const Command& command) {
    const catalogue::Known& known = command.known();
    if (known.tool != "docker-compose") {
      if (known.does == "start" || known.does == "restart" || known.does == "deploy" ||
          is_own_script(command))
        forget();
      return;
    }
    const std::vector<std::string> names = arguments_of(command, "service");
    if (known.path == "down" && names.empty()) {
      forget();
      down_ = &command;
    } else if (known.path == "up" || known.path == "start" || known.path == "restart" ||
               known.path == "run") {
      if (names.empty() || !std::ranges::all_of(names, is_store)) return forget();
      up_.insert(up_.end(), names.begin(), names.end());
    }
  }

  /// Whether nothing has started the container since all were taken down.
  bool is_missing(const std::string& container) const {
    return down_ != nullptr && !up_.empty() && !container.empty() && is_plain(container) &&
           std::ranges::none_of(
               up_, [&](const std::string& service) { return is_of(container, service); });
  }

  const Command& down() const { return *down_; }
  const std::vector<std::string>& up() const { return up_; }

  void forget() {
    down_ = nullptr;
    up_.clear();
  }

 private:
  const Command* down_ = nullptr;
  std::vector<std::string> up_;
};

/// Whether the container is one of the project's own, and not one that runs beside it.
bool is_of_project(const DocumentFacts& facts, const Command& command,
                   const std::string& container) {
  if (enters_compose(command)) return true;
  const importers::Repository* repository = facts.repository ? facts.repository() : nullptr;
  return repository != nullptr &&
         std::ranges::any_of(repository->units, [&](const importers::Unit& unit) {
           return unit.kind == "docker" && !unit.name.empty() && is_of(container, unit.name);
         });
}

}  // namespace

void look_at_started_in_part(const DocumentFacts& facts, Findings& found) {
  Running running;
  std::uint32_t unit = importers::kNowhere;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    if (const std::uint32_t here = facts.document.procedure_of(block->section); here != unit) {
      running.forget();
      unit = here;
    }
    for (const Command& command : block->script.commands) {
      const std::string container = entered_by(command);
      if (running.is_missing(container) && is_of_project(facts, command, container)) {
        model::Finding made =
            finding(model::Severity::error, command.span,
                    fmt::format("'{}' does not run by then: all services were taken down, and only "
                                "'{}' was brought up again",
                                container, running.up().front()),
                    "bring it up, too, or `docker compose run --rm` it");
        made.related.push_back({running.down().span, "taken down here"});
        add_once(found, std::move(made));
        running.forget();
      }
      if (container.empty()) running.follow(command);
    }
  }
}

}  // namespace backout::analyzer::documents
