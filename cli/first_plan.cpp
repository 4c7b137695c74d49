#include "cli/first_plan.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/facts.hpp"
#include "cli/quoted.hpp"
#include "importers/migrations/import.hpp"
#include "model/load.hpp"
#include "model/printable.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// A name as an id of the plan language, different from `taken`.
std::string id_of(const std::string& name, const std::vector<std::string>& taken) {
  std::string id;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z')
      id += static_cast<char>(c - 'A' + 'a');
    else
      id += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  }
  if (id.empty() || id[0] < 'a' || id[0] > 'z') id = "app" + (id.empty() ? "" : "_" + id);
  static const std::vector<std::string> kReserved = {
      "none", "auto", "unknown", "derived", "missing", "true", "false",
      "null", "yes",  "no",      "on",      "off",     "y",    "n"};
  if (std::ranges::find(kReserved, id) != kReserved.end()) id += "_app";
  const std::string first = id;
  for (int i = 2; std::ranges::find(taken, id) != taken.end(); ++i)
    id = fmt::format("{}_{}", first, i);
  return id;
}

/// "  # found in "a", "b" and 2 more"; empty for none.
std::string found_in(const std::vector<std::string>& files) {
  constexpr std::size_t kNamed = 2;
  if (files.empty()) return {};
  std::string text = "  # found in " + quoted(files[0]);
  if (files.size() == kNamed) text += " and " + quoted(files[1]);
  if (files.size() > kNamed)
    text += fmt::format(", {} and {} more", quoted(files[1]), files.size() - kNamed);
  return text;
}

/// A plan while it is written.
class Writer {
 public:
  /// `migrations`: where their folder lies, seen from the plan; empty: they are left out, where
  /// there are some for the reason of `mistake`.
  Writer(const Survey& found, std::string migrations, const std::string& mistake = {})
      : found_(found), migrations_(std::move(migrations)), mistake_(mistake) {
    if (found.postgres) ids_.emplace_back("db");
    apps_ = found.apps;
    if (apps_.empty() && !found.postgres) apps_.push_back({"app", "app", "", {}});
    for (const FoundApp& app : apps_) {
      ids_.push_back(id_of(app.name.empty() ? "app" : app.name, ids_));
      app_ids_.push_back(ids_.back());
    }
  }

  std::string write(const std::string& name) {
    text_ = fmt::format(
        "# How this is deployed and how it is rolled back. A first plan, made from the files of "
        "this folder.\n"
        "# `unknown` stands for what they do not say: backout never takes it for good, so replace "
        "it bit by bit.\n"
        "#   backout check FILE     what is wrong with it         backout explain RULE   why that "
        "matters\n"
        "backout: 1\nname: {}\n\n"
        "# What the deploy changes.\nservices:\n",
        quoted(name));
    if (found_.postgres) write_database();
    for (std::size_t i = 0; i < apps_.size(); ++i) write_app(apps_[i], app_ids_[i]);
    text_ +=
        "\n# How long a rollback may take from the decision on (10m), and how much data it may "
        "lose (0).\n"
        "objectives: {rto: unknown, rpo: unknown}\n\n"
        "# The steps in order. `takes` is a range like 1-2m, `undo` the rollback step that takes a "
        "step back.\n"
        "deploy:\n  steps:\n";
    if (found_.postgres) write_migration();
    for (const std::string& id : app_ids_) {
      write_release("release_" + id, id, "next", fmt::format("      undo: back_{}\n", id));
      undos_.insert(undos_.begin(), "back_" + id);
    }
    write_rollback();
    return text_;
  }

 private:
  bool has_down() const { return !migrations_.empty() && found_.migrations.back().has_down; }

  void write_database() {
    text_ += "  db:\n    kind: postgres\n";
    if (migrations_.empty()) {
      if (!mistake_.empty()) {
        text_ += fmt::format(
            "    # Its {} migrations are left out ({}): keep the plan beside them, and write\n"
            "    # migrations: FOLDER\n    # migrated_to: the last one that ran before\n",
            found_.convention, model::screened(mistake_));
      }
      text_ +=
          "    # The schema before this deploy: write `pg_dump --schema-only` into a file beside "
          "this one, then\n"
          "    # schema: schema.sql\n";
      return;
    }
    text_ += fmt::format("    migrations: {}\n", quoted(migrations_));
    if (found_.migrations.size() < 2) return;
    text_ += fmt::format("    migrated_to: {}  # what ran before this deploy: all but the newest\n",
                         quoted(found_.migrations[found_.migrations.size() - 2].id));
  }

  void write_app(const FoundApp& app, const std::string& id) {
    text_ += fmt::format("  {}:{}\n    kind: {}\n", id, found_in(app.files), app.kind);
    if (!app.name.empty()) text_ += fmt::format("    unit: {}\n", quoted(app.name));
    if (!app.image.empty()) text_ += fmt::format("    image: {}\n", quoted(app.image));
    if (found_.postgres) text_ += "    uses: [db]\n";
    if (found_.postgres && id == app_ids_.front()) {
      text_ +=
          "    # What each version does to the database; with it backout knows which versions work "
          "on which schema:\n"
          "    #   current: {inserts: {users: [email]}}\n";
    }
    text_ += "    versions: {current: {}, next: {}}\n    start: current\n";
  }

  void write_migration() {
    if (migrations_.empty()) {
      text_ +=
          "    - id: migrate\n      do: sql\n      target: db\n"
          "      text: unknown  # or `file: db/up.sql`: SQL that backout can read is SQL that it "
          "can judge\n"
          "      takes: unknown\n      undo: back_migrate\n";
      undos_.emplace_back("back_migrate");
      return;
    }
    text_ += fmt::format(
        "    # What follows `migrated_to`: {}.\n    - {{id: migrate, migrations: db, takes: "
        "unknown}}\n",
        quoted(found_.migrations.back().id));
    if (has_down())
      undos_.emplace_back("back_migrate");
    else
      text_ += "    # It has no down: write one, or say how else the old version gets on.\n";
  }

  void write_release(const std::string& step, const std::string& app, const char* version,
                     const std::string& undo) {
    text_ += fmt::format(
        "    - id: {}\n      do: deploy\n      target: {}\n      version: {}\n"
        "      ref: unknown  # a tag, commit or digest: what a branch means changes\n      takes: "
        "unknown\n{}",
        step, app, version, undo);
  }

  void write_rollback() {
    text_ += fmt::format(
        "\n# Ways back. `full` says that a path gives back everything; partial ones may stand "
        "beside it.\n"
        "rollback:\n  paths:\n    full: {{steps: {}, full: true}}\n",
        undos_.empty() ? "unknown" : fmt::format("[{}]", fmt::join(undos_, ", ")));
    if (!undos_.empty()) text_ += "  steps:\n";
    // What was done last is taken back first.
    for (auto id = app_ids_.rbegin(); id != app_ids_.rend(); ++id) {
      write_release(
          "back_" + *id, *id, "current",
          fmt::format("      # How does anybody know that it worked?\n"
                      "      # verify: {{http: {}/health, expect: 200, version: current}}\n",
                      *id));
    }
    if (has_down())
      text_ += "    - {id: back_migrate, migrations: db, takes: unknown}\n";
    else if (found_.postgres && migrations_.empty())
      text_ += "    - {id: back_migrate, do: sql, target: db, text: unknown, takes: unknown}\n";
  }

  const Survey& found_;
  const std::string migrations_;
  const std::string mistake_;
  std::vector<FoundApp> apps_;
  std::vector<std::string> app_ids_;
  std::vector<std::string> ids_;
  std::vector<std::string> undos_;  ///< rollback steps in order
  std::string text_;
};

/// Why the text is no plan in that folder; empty: it is one.
std::string mistake_in(const std::string& text, const fs::path& place) {
  const auto plan = model::load_plan_text("plan.yaml", text, place.string(), services::catalog(),
                                          importers::read_migrations);
  if (!plan) return plan.error().mistakes.front().message;
  std::vector<model::Mistake> mistakes;
  analyzer::derive_facts(*plan, mistakes);
  return mistakes.empty() ? std::string() : mistakes.front().message;
}

}  // namespace

std::string first_plan(const std::string& name, const Survey& found, const fs::path& place) {
  if (found.migrations.empty()) return Writer(found, "").write(name);
  std::error_code error;
  const std::string folder = fs::relative(found.migrations_folder, place, error).generic_string();
  std::string text = Writer(found, folder).write(name);
  const std::string mistake = error ? error.message() : mistake_in(text, place);
  return mistake.empty() ? text : Writer(found, "", mistake).write(name);
}

}  // namespace backout::cli
