#include <algorithm>
#include <map>

#include "importers/migrations/conventions.hpp"
#include "importers/migrations/names.hpp"
#include "importers/migrations/sections.hpp"

namespace backout::importers {
namespace {

using model::Migration;
using model::Transaction;

struct NamedFile {
  const File* file = nullptr;
  MigrationName name;
};

bool is_other_dialect(const MigrationName& name) {
  return !name.dialect.empty() && !name.dialect.starts_with("p");  // postgres, postgresql, pg
}

/// The way of naming directions that most files of the folder keep to.
DirectionStyle style_of(const std::vector<NamedFile>& files) {
  std::map<DirectionStyle, std::size_t> downs;
  for (const NamedFile& file : files) {
    // `.up` and Flyway's names speak for themselves; `_up` may be the end of a title.
    const bool certain =
        file.name.style == DirectionStyle::flyway || file.name.style == DirectionStyle::dot;
    if (file.name.direction == Direction::down || certain) {
      ++downs[file.name.style];
    }
  }
  const auto most = std::max_element(
      downs.begin(), downs.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == downs.end() ? DirectionStyle::none : most->first;
}

const char* convention_of(DirectionStyle style) {
  switch (style) {
    case DirectionStyle::flyway:
      return "flyway";
    case DirectionStyle::prefix:
      return "rollback-prefix";
    case DirectionStyle::word:
      return "up-down-suffix";
    default:
      return "up-down-files";
  }
}

Transaction mode_of(const Tree& tree, const NamedFile& file) {
  if (file.name.wrapped || file.name.style == DirectionStyle::flyway) {
    return Transaction::wrapped;
  }
  const bool none = file.name.autocommit || asks_for_no_transaction(tree.text(*file.file));
  return none ? Transaction::none : Transaction::implicit;
}

/// Collects ups and downs of one folder and joins them by name, then by version.
class Pairing {
 public:
  /// `bare_ups`: the ups carry no direction, as 1.sql beside rollback_1.sql.
  Pairing(const Tree& tree, DirectionStyle style, bool bare_ups, Notes& notes)
      : tree_(tree), style_(style), bare_ups_(bare_ups), notes_(notes) {}

  void add(const NamedFile& file) {
    MigrationName name = file.name;
    if (name.style != style_) {
      name.id = file.file->name.substr(0, file.file->name.size() - 4);
      name.version = leading_version(name.id);
      name.direction = Direction::up;
      if (name.version.empty()) {
        return;
      }
      if (!bare_ups_) {
        notes_.push_back(
            {{file.file->source, 0, 0}, "not read: the name says neither up nor down", ""});
        return;
      }
    }
    auto& side = name.direction == Direction::down ? downs_ : ups_;
    const auto [place, fresh] = side.try_emplace(key_of(name), NamedFile{file.file, name});
    if (fresh) {
      return;
    }
    NamedFile& other = place->second;
    if (other.name.dialect.empty() != name.dialect.empty()) {
      // A file for PostgreSQL goes before the one for every dialect.
      other = name.dialect.empty() ? other : NamedFile{file.file, name};
    } else {
      notes_.push_back(
          {{file.file->source, 0, 0}, "a second file for '" + name.id + "'", "keep one of them"});
    }
  }

  std::vector<Migration> take() {
    match_by_version();
    std::vector<Migration> migrations;
    for (const auto& [key, up] : ups_) {
      Migration migration;
      migration.id = up.name.id;
      migration.version = up.name.version;
      migration.repeatable = up.name.repeatable;
      migration.up = whole_file(tree_, *up.file);
      migration.up_mode = migration.down_mode = mode_of(tree_, up);
      if (const auto down = downs_.find(key); down != downs_.end()) {
        migration.down = whole_file(tree_, *down->second.file);
        migration.down_mode = mode_of(tree_, down->second);
        downs_.erase(down);
      }
      migrations.push_back(std::move(migration));
    }
    for (const auto& [key, down] : downs_) {
      notes_.push_back({{down.file->source, 0, 0}, "a down without an up", "name it as its up"});
      Migration migration;
      migration.id = down.name.id;
      migration.version = down.name.version;
      migration.down = whole_file(tree_, *down.file);
      migration.up_mode = migration.down_mode = mode_of(tree_, down);
      migrations.push_back(std::move(migration));
    }
    return migrations;
  }

 private:
  static std::string key_of(const MigrationName& name) {
    if (name.style == DirectionStyle::flyway && !name.repeatable) {
      return (name.id.starts_with('B') ? "B" : "") + name.version;
    }
    std::string key = name.id;
    for (const char* option : {".tx", ".autocommit"}) {
      if (const std::size_t at = key.rfind(option); at != std::string::npos) {
        key.erase(at, std::string_view(option).size());
      }
    }
    if (!name.dialect.empty() && key.ends_with(name.dialect)) {
      key.erase(key.size() - name.dialect.size() - 1);
    }
    return key;
  }

  /// A down whose title differs from its up's belongs to the one up of its version that has no
  /// down.
  void match_by_version() {
    std::map<std::string, std::vector<std::string>> lonely;
    for (const auto& [key, up] : ups_) {
      if (!downs_.contains(key)) {
        lonely[up.name.version].push_back(key);
      }
    }
    std::vector<std::pair<std::string, std::string>> moves;
    for (const auto& [key, down] : downs_) {
      const auto ups = lonely.find(down.name.version);
      if (!ups_.contains(key) && !down.name.version.empty() && ups != lonely.end() &&
          ups->second.size() == 1) {
        moves.emplace_back(key, ups->second.front());
        lonely.erase(ups);
      }
    }
    for (const auto& [from, to] : moves) {
      auto node = downs_.extract(from);
      node.key() = to;
      downs_.insert(std::move(node));
    }
  }

  const Tree& tree_;
  DirectionStyle style_;
  bool bare_ups_;
  Notes& notes_;
  std::map<std::string, NamedFile> ups_;
  std::map<std::string, NamedFile> downs_;
};

/// Ory splits one authored migration, a 14-digit stamp, into numbered files of one statement, whose
/// downs are the inverse only as a group: joins the files of a stamp, ups ascending and downs
/// descending.
std::vector<Migration> join_stamps(std::vector<Migration> migrations) {
  constexpr std::size_t kStamp = 14;
  constexpr std::size_t kNumbered = 20;
  std::vector<Migration> joined;
  std::string stamp;
  for (Migration& migration : migrations) {
    const bool numbered = migration.version.size() == kNumbered;
    const std::string own = numbered ? migration.version.substr(0, kStamp) : migration.version;
    if (!numbered || own != stamp) {
      stamp = own;
      migration.version = own;
      joined.push_back(std::move(migration));
      continue;
    }
    Migration& group = joined.back();
    const auto separate = [](model::SqlText& script) { script.text += "\n;\n"; };
    if (migration.up && group.up) {
      separate(*group.up);
      append(*group.up, *migration.up);
    } else if (migration.up) {
      group.up = std::move(migration.up);
    }
    if (migration.down && group.down) {
      separate(*migration.down);
      append(*migration.down, *group.down);
    }
    group.down = migration.down ? std::move(migration.down) : std::move(group.down);
    if (migration.up_mode == Transaction::none || migration.down_mode == Transaction::none) {
      group.up_mode = group.down_mode = Transaction::none;
    }
  }
  return joined;
}

}  // namespace

namespace {

/// Flyway's `B5__x.sql` stands for everything up to version 5, and runs on an empty database only.
/// Beside the files that it stands for it is left out; without them it is the beginning.
void leave_out_baselines(std::vector<Migration>& migrations, Notes& notes) {
  const auto is_baseline = [](const Migration& migration) {
    return migration.id.starts_with('B') && migration.up;
  };
  std::vector<Migration> kept;
  for (std::size_t at = 0; at < migrations.size(); ++at) {
    Migration& migration = migrations[at];
    if (!is_baseline(migration)) {
      kept.push_back(std::move(migration));
      continue;
    }
    const auto stood_for = [&](const Migration& other) {
      return !is_baseline(other) && other.version == migration.version;
    };
    const bool beside = std::any_of(kept.begin(), kept.end(),
                                    [&](const Migration& other) { return !is_baseline(other); }) ||
                        std::any_of(migrations.begin() + static_cast<std::ptrdiff_t>(at),
                                    migrations.end(), stood_for);
    notes.push_back(
        {migration.up->span_of(0, 0),
         beside ? "a baseline: Flyway runs it on an empty database in place of the versions before "
                  "it; left out, these are judged"
                : "a baseline: Flyway runs it on an empty database only; nothing undoes it",
         ""});
    if (beside) continue;
    // Of several baselines Flyway runs the newest.
    for (const Migration& older : kept)
      notes.push_back({older.up->span_of(0, 0),
                       "an older baseline: Flyway runs the newest one only; left out", ""});
    kept.clear();
    kept.push_back(std::move(migration));
  }
  migrations = std::move(kept);
}

}  // namespace

std::optional<model::MigrationSet> read_pairs(const Tree& tree, const std::string& folder,
                                              Notes& notes) {
  std::vector<NamedFile> files;
  for (const File& file : tree.folders.at(folder)) {
    if (file.name.ends_with(".sql")) {
      MigrationName name = parse_name(file.name);
      if (!is_other_dialect(name)) {
        files.push_back({&file, std::move(name)});
      }
    }
  }
  const DirectionStyle style = style_of(files);
  if (style == DirectionStyle::none) {
    return std::nullopt;
  }
  const bool bare_ups = std::none_of(files.begin(), files.end(), [&](const NamedFile& file) {
    return file.name.style == style && file.name.direction == Direction::up;
  });
  Pairing pairing(tree, style, bare_ups, notes);
  for (const NamedFile& file : files) {
    pairing.add(file);
  }
  model::MigrationSet set{folder, convention_of(style), pairing.take()};
  sort_by_version(set.migrations);
  if (style == DirectionStyle::flyway) leave_out_baselines(set.migrations, notes);
  set.migrations = join_stamps(std::move(set.migrations));
  return set.migrations.empty() ? std::nullopt : std::make_optional(std::move(set));
}

std::optional<model::MigrationSet> read_plain(const Tree& tree, const std::string& folder, Notes&) {
  model::MigrationSet set{folder, "plain", {}};
  for (const File& file : tree.folders.at(folder)) {
    const MigrationName name = parse_name(file.name);
    if (!file.name.ends_with(".sql") || name.version.empty() || is_other_dialect(name)) {
      continue;
    }
    Migration migration;
    migration.id =
        name.direction == Direction::none ? name.id : file.name.substr(0, file.name.size() - 4);
    migration.version = name.version;
    migration.up = whole_file(tree, file);
    migration.up_mode = migration.down_mode = mode_of(tree, {&file, name});
    set.migrations.push_back(std::move(migration));
  }
  return set.migrations.empty() ? std::nullopt : std::make_optional(std::move(set));
}

}  // namespace backout::importers
