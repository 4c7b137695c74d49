// `migrations:` of services and of groups: the folder is read, each migration that is to run
// becomes a step.

#include <algorithm>
#include <cctype>
#include <filesystem>

#include <fmt/format.h>

#include "model/load_context.hpp"

namespace backout::model {
namespace {

namespace fs = std::filesystem;

const FieldSpec* find_field(const KindSpec& kind, ValueType type) {
  const auto found = std::ranges::find(kind.fields, type, &FieldSpec::type);
  return found == kind.fields.end() ? nullptr : &*found;
}

/// The value of the field of that type, when the service's kind has one and the service says it.
const Node* value_of(const LoadContext& context, const Node& body, ValueType type) {
  const Node* name = body.find("kind");
  const KindSpec* kind = name == nullptr ? nullptr : context.catalog.find(name->text);
  const FieldSpec* field = kind == nullptr ? nullptr : find_field(*kind, type);
  const Node* value = field == nullptr ? nullptr : body.find(field->name);
  return value == nullptr || value->is_unknown() || value->text == "missing" ? nullptr : value;
}

/// Files of the folder may be links: what they lead to must lie below the plan's folder too.
void check_links(LoadContext& context, const Node& node, const fs::path& folder) {
  std::error_code error;
  const fs::path root = fs::canonical(context.folder, error);
  auto it = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied,
                                             error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const fs::directory_entry& entry = *it;
    std::error_code none;
    if (!entry.is_symlink(none) || entry.path().extension() != ".sql") continue;
    const fs::path real = fs::weakly_canonical(entry.path(), none);
    if (std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end())
      continue;
    const fs::path shown = node.text / entry.path().lexically_relative(folder);
    context.mistake(node.span,
                    fmt::format("file '{}' lies outside the plan's folder", shown.string()),
                    "copy it beside the plan");
  }
}

/// The one chain of the folder; without migrations, and with mistakes, when it cannot be read.
ServiceMigrations read_folder(LoadContext& context, const Node& node) {
  ServiceMigrations result;
  result.span = node.span;
  const std::string name = context.text(node);
  const auto real = name.empty() ? std::nullopt : context.below(node, name, "folder");
  if (!real) return result;
  if (!context.read_migrations) {
    context.mistake(node.span, fmt::format("folder '{}' cannot be read here", name),
                    "the program that loads this plan brings no reader of migrations");
    return result;
  }
  const fs::path path = (fs::path(context.folder) / name).lexically_normal();
  MigrationFolder folder = context.read_migrations(path.string(), context.plan.sources);
  check_links(context, node, *real);
  for (Mistake& mistake : folder.mistakes) {
    context.mistake(node.span, fmt::format("folder '{}': {}", name, mistake.message),
                    std::move(mistake.hint));
  }
  const auto written = [&](const MigrationSet& set) {
    return fs::path(set.folder).lexically_relative(context.folder).string();
  };
  if (folder.sets.size() > 1) {
    context.mistake(
        node.span,
        fmt::format("folder '{}' holds {} chains of migrations", name, folder.sets.size()),
        fmt::format("name one of them: '{}' or '{}'", written(folder.sets[0]),
                    written(folder.sets[1])));
  } else if (folder.sets.size() == 1) {
    result.set = std::move(folder.sets.front());
    result.notes = std::move(folder.notes);
  }
  return result;
}

/// Those that the database has come first. What runs again whenever it changes has run before.
void put_applied_first(ServiceMigrations& migrations, std::size_t last) {
  auto& all = migrations.set.migrations;
  const auto repeatable = [](const Migration& migration) { return migration.repeatable; };
  std::stable_partition(all.begin() + static_cast<std::ptrdiff_t>(last) + 1, all.end(), repeatable);
  migrations.applied = last + 1;
  while (migrations.applied < all.size() && all[migrations.applied].repeatable)
    ++migrations.applied;
}

/// `schema`, `20240102_add-phone` -> `schema_20240102_add_phone`.
std::string step_id(const std::string& group, const std::string& migration) {
  std::string id = group + '_';
  for (const unsigned char c : migration) {
    if (std::isalnum(c) != 0 && c < 0x80) {
      id += static_cast<char>(std::tolower(c));
    } else if (id.back() != '_') {
      id += '_';
    }
  }
  return id;
}

Node scalar(std::string text, const Span& span) {
  Node node;
  node.type = Node::Type::string;
  node.quoted = true;
  node.text = std::move(text);
  node.span = span;
  return node;
}

/// Steps of one group, in the order in which they run.
class MigrationSteps {
 public:
  MigrationSteps(LoadContext& context, const Node& group, const ServiceMigrations& migrations,
                 bool in_rollback)
      : context_(context),
        group_(group),
        migrations_(migrations),
        in_rollback_(in_rollback),
        progress_(context.progress
                      .try_emplace(migrations.service, MigrationProgress{migrations.applied, {}})
                      .first->second) {}

  void make(Node& steps) {
    const auto goal = last();
    if (!goal) return;
    if (in_rollback_) {
      while (progress_.next > *goal) steps.items.push_back(step(--progress_.next));
    } else {
      while (progress_.next < *goal) steps.items.push_back(step(progress_.next++));
    }
    if (!steps.items.empty()) return;
    const std::string& service = context_.plan.services[migrations_.service].name;
    context_.mistake(group_.find("migrations")->span,
                     in_rollback_
                         ? fmt::format("no migration of '{}' is left to take back", service)
                         : fmt::format("no migration of '{}' is left to apply", service),
                     in_rollback_ ? "the groups of the deploy say which migrations are applied"
                                  : "`migrated_to` says which migrations the database has; groups "
                                    "go on where the one before stopped");
  }

 private:
  /// One past the last to apply, or the number of those that stay.
  std::optional<std::size_t> last() {
    const Node* to = group_.find("to");
    if (to == nullptr || to->is_unknown())
      return in_rollback_ ? migrations_.applied : migrations_.set.migrations.size();
    const auto found = context_.migration(*to, migrations_.service);
    return found ? std::optional(*found + 1) : std::nullopt;
  }

  Node step(std::size_t at) {
    const Migration& migration = migrations_.set.migrations[at];
    const std::optional<SqlText>& first = in_rollback_ ? migration.down : migration.up;
    const std::optional<SqlText>& script = first          ? first
                                           : in_rollback_ ? migration.up
                                                          : migration.down;
    const Span span = script->span_of(0, script->text.size());
    const Node* group = group_.find("id");
    Node node;
    node.type = Node::Type::map;
    node.span = span;
    const auto say = [&](const char* key, std::string text) {
      node.entries.push_back({key, span, scalar(std::move(text), span)});
    };
    say("id", step_id(group == nullptr ? "step" : group->text, migration.id));
    say("do", std::string(in_rollback_ ? kRevertMigration : kApplyMigration));
    say("target", context_.plan.services[migrations_.service].name);
    say("migration", migration.id);
    if (!in_rollback_) {
      progress_.steps[at] = node.entries.front().value.text;
    } else if (const auto applied = progress_.steps.find(at); applied != progress_.steps.end()) {
      say("undoes", applied->second);
    }
    return node;
  }

  LoadContext& context_;
  const Node& group_;
  const ServiceMigrations& migrations_;
  bool in_rollback_;
  MigrationProgress& progress_;
};

}  // namespace

std::optional<std::size_t> LoadContext::migration(const Node& node, ServiceIndex service) {
  if (node.is_unknown() || service == kNone) return std::nullopt;
  const std::string name = text(node);
  const ServiceMigrations* migrations = plan.find_migrations(service);
  if (migrations == nullptr) {
    mistake(node.span,
            fmt::format("service '{}' names no folder of migrations", plan.services[service].name),
            fmt::format("write it: services.{}.migrations", plan.services[service].name));
    return std::nullopt;
  }
  if (name.empty() || migrations->set.migrations.empty()) return std::nullopt;
  const std::size_t found = migrations->find(name);
  if (found < migrations->set.migrations.size()) return found;
  std::vector<std::string> known;
  for (const Migration& migration : migrations->set.migrations) {
    known.push_back(migration.id);
    if (!migration.version.empty()) known.push_back(migration.version);
  }
  mistake(node.span,
          fmt::format("no migration of '{}' is called '{}'", plan.services[service].name, name),
          did_you_mean(name, known));
  return std::nullopt;
}

void collect_migrations(LoadContext& context, const Node& services) {
  if (services.type != Node::Type::map) return;
  for (ServiceIndex i = 0; i < services.entries.size(); ++i) {
    const Node& body = services.entries[i].value;
    const Node* folder = value_of(context, body, ValueType::migrations);
    if (folder == nullptr) continue;
    context.plan.migrations.push_back(read_folder(context, *folder));
    context.plan.migrations.back().service = i;
    const Node* last = value_of(context, body, ValueType::migration);
    if (last == nullptr) continue;
    if (const auto at = context.migration(*last, i))
      put_applied_first(context.plan.migrations.back(), *at);
  }
}

Node& migration_steps(LoadContext& context, const Node& group, bool in_rollback) {
  Node& steps = context.made.emplace_back();
  steps.type = Node::Type::list;
  const Node& of = *group.find("migrations");
  const ServiceIndex service = context.service(of);
  if (service == kNone) return steps;
  const ServiceMigrations* migrations = context.plan.find_migrations(service);
  if (migrations == nullptr) {
    context.mistake(
        of.span,
        fmt::format("service '{}' names no folder of migrations",
                    context.plan.services[service].name),
        fmt::format("write it: services.{}.migrations", context.plan.services[service].name));
  } else if (!migrations->set.migrations.empty()) {
    MigrationSteps(context, group, *migrations, in_rollback).make(steps);
  }
  return steps;
}

}  // namespace backout::model
