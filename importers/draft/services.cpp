#include "importers/draft/services.hpp"

#include <algorithm>
#include <array>

#include "importers/repository/readers.hpp"
#include "importers/shell/shell.hpp"

namespace backout::importers {

namespace {

/// The words of an effect that name the thing it acts on, the most telling first.
constexpr std::array kNames = {"name",    "object",  "service",  "unit",   "container", "app",
                               "process", "release", "database", "dbname", "project",   "function"};

std::string name_in(const catalogue::Effect& effect) {
  for (const char* wanted : kNames) {
    for (const catalogue::Argument& arg : effect.args) {
      if (arg.name != wanted || !is_plain(arg.value)) continue;
      // `pm2 stop all` names none: it means whatever `pm2 start ecosystem.config.js` starts.
      if (arg.name == "process" && arg.value == "all") continue;
      if (arg.name == "object" && arg.value.find('/') == std::string::npos)
        continue;  // its sort alone
      const std::size_t slash =
          effect.kind == "kubernetes" ? arg.value.find('/') : std::string::npos;
      return slash == std::string::npos ? arg.value : arg.value.substr(slash + 1);
    }
  }
  return {};
}

bool holds_databases(const std::string& kind) { return kind == "postgres" || kind == "mysql"; }

/// `docker compose up -d postgres`, `start kanban_db`: a store by its name. What serves it starts
/// again, and no version of an application.
bool is_store_name(const std::string& name) {
  const std::size_t cut = name.find_last_of("-_");
  const std::string last = cut == std::string::npos ? name : name.substr(cut + 1);
  return last == "db" || last == "database" || !store_of_image(last).empty();
}

bool is_copy_name(const std::string& name) {
  static constexpr std::array kMarks = {"_old",     "_new",   "recovery", "restore",
                                        "rollback", "_tmp",   "_temp",    "backup",
                                        "_test",    "verify", "copy"};
  return std::ranges::any_of(
      kMarks, [&](const char* mark) { return name.find(mark) != std::string::npos; });
}

/// Whether two databases are one with its copy: shop_prod, shop_recovery, shop_prod_old, postgres.
bool is_copy_of(const std::string& a, const std::string& b) {
  static constexpr std::array kMarks = {"old",      "new",  "recovery", "restore", "restored",
                                        "rollback", "tmp",  "temp",     "backup",  "test",
                                        "verify",   "copy", "staging",  "prod",    "production"};
  if (a.empty() || b.empty()) return false;
  if (a == "postgres" || b == "postgres" || a == "template1" || b == "template1") return true;
  const std::size_t same = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  const std::string& longer = a.size() > b.size() ? a : b;
  if (same < 3) return false;
  return std::ranges::any_of(kMarks, [&](const char* mark) {
    return longer.substr(same > 0 ? same - 1 : 0).find(mark) != std::string::npos;
  });
}

}  // namespace

bool is_plain(std::string_view word) {
  return !word.empty() && word.find_first_of("$`<>*[{") == std::string_view::npos &&
         !is_placeholder(word);
}

DraftServices::DraftServices(const Repository& repository, const model::Catalog& kinds, Ids& ids)
    : deployed_(deployed(repository)), kinds_(kinds), ids_(ids) {}

std::string DraftServices::of(const catalogue::Effect& effect, const std::string& source) {
  const model::KindSpec* kind = kinds_.find(effect.kind);
  if (kind == nullptr || model::find_verb(*kind, effect.verb) == nullptr) return {};
  // A kind that must be told more than a command says (the sides of a load balancer) stays a
  // command.
  if (std::ranges::any_of(kind->fields, &model::FieldSpec::required)) return {};
  const std::string name = name_in(effect);
  if (effect.verb == "compose_up" && is_store_name(name)) return {};
  return find_or_add(kind->name, name, source);
}

std::string DraftServices::database(const std::string& source) {
  return find_or_add("postgres", "", source);
}

bool DraftServices::is_app(const DraftService& service) const {
  const model::KindSpec* kind = kinds_.find(service.kind);
  return kind != nullptr && kind->has_versions && model::find_verb(*kind, "probe") != nullptr;
}

std::string DraftServices::find_or_add(const std::string& kind, const std::string& name,
                                       const std::string& source) {
  for (DraftService& service : services_) {
    if (service.kind != kind) continue;
    if (holds_databases(kind) && is_copy_of(service.name, name)) {
      if (name.size() < service.name.size()) service.name = name;
      return service.id;
    }
    // Who names nothing means the one that there is.
    if (service.name == name || name.empty()) return service.id;
    if (service.name.empty()) {
      service.name = name;
      return service.id;
    }
  }
  DraftService service{.id = {}, .kind = kind, .name = name, .image = {}, .source = source};
  std::vector<const Unit*> units;
  for (const Deployed& each : deployed_) {
    const Unit& unit = each.unit;
    if (unit.kind == kind && unit.purpose == Purpose::app && (name.empty() || unit.name == name))
      units.push_back(&unit);
  }
  if (units.size() == 1) {
    service.name = units[0]->name;
    service.image = units[0]->image;
    service.source = units[0]->file;
  }
  const bool is_database = kind == "postgres" || kind == "sqlite";
  // A copy that a step makes does not give the database its name.
  const bool is_copy = holds_databases(kind) && is_copy_name(service.name);
  service.id = ids_.take(is_copy ? std::string() : service.name, is_database     ? "db"
                                                                 : kind == "git" ? "repository"
                                                                                 : "app");
  services_.push_back(service);
  return service.id;
}

}  // namespace backout::importers
