#include "cli/first_plan.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/facts.hpp"
#include "cli/quoted.hpp"
#include "model/load.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace {

constexpr std::ptrdiff_t kMostLines =
    400;  // of SQL: longer schemas belong into a file of their own

/// `text` as a block scalar whose lines are indented by `indent` + 2.
std::string block(const std::string& text, std::size_t indent) {
  std::string scalar = "|2\n";
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    scalar += line.empty() ? "\n" : std::string(indent + 2, ' ') + line + '\n';
  }
  return scalar;
}

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

/// A plan while it is written.
class Writer {
 public:
  Writer(const Survey& found, SqlDetail detail) : found_(found), detail_(detail) {
    if (found.postgres) ids_.emplace_back("db");
    apps_ = found.apps;
    if (apps_.empty() && !found.postgres) apps_.push_back({"app", "app", "", ""});
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
  const FoundMigration* migration() const {
    return found_.migrations.empty() ? nullptr : &found_.migrations.back();
  }

  void write_database() {
    text_ += "  db:\n    kind: postgres\n";
    std::string before;
    for (std::size_t i = 0; i + 1 < found_.migrations.size(); ++i)
      before += found_.migrations[i].up + '\n';
    if (detail_ == SqlDetail::before_and_step && !before.empty() &&
        std::ranges::count(before, '\n') <= kMostLines) {
      text_ += fmt::format(
          "    # The schema before this deploy: the migrations of {} up to {}.\n    sql: {}",
          quoted(found_.migrations_folder),
          quoted(found_.migrations[found_.migrations.size() - 2].id), block(before, 4));
    } else if (found_.migrations.size() != 1) {
      text_ +=
          "    # The schema before this deploy: write `pg_dump --schema-only` into a file beside "
          "this one, then\n"
          "    # schema: schema.sql\n";
    }
  }

  void write_app(const FoundApp& app, const std::string& id) {
    text_ += fmt::format("  {}:{}\n    kind: {}\n", id,
                         app.file.empty() ? "" : "  # found in " + quoted(app.file), app.kind);
    if (!app.name.empty()) text_ += fmt::format("    unit: {}\n", quoted(app.name));
    if (!app.image.empty()) text_ += fmt::format("    image: {}\n", quoted(app.image));
    if (found_.postgres) text_ += "    uses: [db]\n";
    text_ +=
        "    # What each version does to the database; with it backout knows which versions work "
        "on which schema:\n"
        "    #   current: {inserts: {users: [email]}}\n"
        "    versions: {current: {}, next: {}}\n    start: current\n";
  }

  void write_migration() {
    text_ += "    - id: migrate\n      do: sql\n      target: db\n";
    if (migration() == nullptr || detail_ == SqlDetail::none) {
      text_ +=
          "      text: unknown  # or `file: db/up.sql`: SQL that backout can read is SQL that it "
          "can judge\n";
    } else {
      text_ += fmt::format(
          "      # The newest migration, {}; taken to be the one that this deploy runs.\n      "
          "text: {}",
          quoted(migration()->id), block(migration()->up, 6));
    }
    text_ += "      takes: unknown\n";
    if (migration() != nullptr && migration()->down.empty()) {
      text_ +=
          "      undo: {none: \"the migration has no down\"}  # write one, or say how else the old "
          "version gets on\n";
      return;
    }
    text_ += "      undo: back_migrate\n";
    undos_.emplace_back("back_migrate");
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
    if (std::ranges::find(undos_, "back_migrate") == undos_.end()) return;
    text_ += "    - id: back_migrate\n      do: sql\n      target: db\n";
    const bool said = migration() != nullptr && detail_ != SqlDetail::none;
    text_ += said ? "      text: " + block(migration()->down, 6) : "      text: unknown\n";
    text_ += "      takes: unknown\n";
  }

  const Survey& found_;
  SqlDetail detail_;
  std::vector<FoundApp> apps_;
  std::vector<std::string> app_ids_;
  std::vector<std::string> ids_;
  std::vector<std::string> undos_;  ///< rollback steps in order
  std::string text_;
};

bool loads(const std::string& text) {
  const auto plan = model::load_plan_text("plan.yaml", text, "", services::catalog());
  if (!plan) return false;
  std::vector<model::Mistake> mistakes;
  analyzer::derive_facts(*plan, mistakes);
  return mistakes.empty();
}

}  // namespace

std::string first_plan(const std::string& name, const Survey& found, SqlDetail detail) {
  return Writer(found, detail).write(name);
}

std::string first_plan_that_loads(const std::string& name, const Survey& found) {
  for (const SqlDetail detail : {SqlDetail::before_and_step, SqlDetail::step}) {
    std::string text = first_plan(name, found, detail);
    if (loads(text)) return text;
  }
  return first_plan(name, found, SqlDetail::none);
}

}  // namespace backout::cli
