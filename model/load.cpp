#include "model/load.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "model/files.hpp"
#include "model/key_order.hpp"
#include "model/load_context.hpp"
#include "model/yaml.hpp"

namespace backout::model {
namespace {

namespace fs = std::filesystem;

tl::unexpected<LoadError> failed(std::shared_ptr<Sources> sources, std::vector<Mistake> mistakes) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.span, a.message) < std::tie(b.span, b.message);
  });
  mistakes.erase(std::unique(mistakes.begin(), mistakes.end()), mistakes.end());
  return tl::unexpected(LoadError{std::move(sources), std::move(mistakes)});
}

tl::unexpected<LoadError> unreadable(const std::string& path, std::string message,
                                     std::string hint = {}) {
  auto sources = std::make_shared<Sources>();
  sources->add(path, "");
  return failed(std::move(sources), {{{0, 0, 0}, std::move(message), std::move(hint)}});
}

void check_language(LoadContext& context, const Node& root) {
  const Node* version = root.find("backout");
  if (version == nullptr) return;  // keys() has said so
  if (version->as_integer() != 1) {
    context.mistake(version->span,
                    fmt::format("this backout reads plans of version 1, not '{}'", version->text),
                    "write `backout: 1`");
  }
}

/// What stands in titles.
std::string one_line(LoadContext& context, const Node& name) {
  std::string text = context.text(name);
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' '; })) {
    context.mistake(name.span, "the name of a plan is one line without control characters");
  }
  return text;
}

/// Names first, then what refers to them.
void read_plan(LoadContext& context, Node& root) {
  Plan& plan = context.plan;
  const auto section = [&](std::string_view name) { return const_cast<Node*>(root.find(name)); };
  context.keys(root, SectionId::plan, "a plan");
  check_language(context, root);
  if (const Node* name = section("name")) plan.name = one_line(context, *name);
  if (const Node* source = section("source")) context.texts(*source);
  if (const Node* note = section("note")) context.text(*note);

  Node* rollback = section("rollback");
  context.decisions_node = section("decisions");
  if (Node* services = section("services")) {
    collect_services(context, *services);
    collect_migrations(context, *services);
  }
  if (Node* deploy = section("deploy")) read_deploy(context, *deploy);
  plan.deploy_count = plan.steps.size();
  if (rollback != nullptr) collect_rollback(context, *rollback);
  plan.build_index();

  if (Node* services = section("services")) read_services(context, *services);
  read_steps(context);
  find_cycles(context);
  read_rollback(context, rollback);
  if (const Node* decisions = section("decisions")) read_decisions(context, *decisions);
  if (const Node* objectives = section("objectives")) read_objectives(context, *objectives);
  if (const Node* invariants = section("invariants")) read_invariants(context, *invariants);
  if (const Node* residue = section("residue")) plan.residue = read_residue(context, *residue);
  if (const Node* backups = section("backups")) read_backups(context, *backups);
  if (const Node* limits = section("limits")) read_limits(context, *limits);
  if (const Node* ignore = section("ignore")) read_ignore(context, *ignore);
  if (const Node* notes = section("notes")) read_notes(context, *notes);
  if (const Node* workload = section("workload")) read_workload(context, *workload);
}

}  // namespace

tl::expected<Plan, LoadError> load_plan_text(std::string name, std::string text,
                                             const std::string& folder, const Catalog& catalog,
                                             const ReadMigrations& read_migrations) {
  Plan plan;
  plan.sources = std::make_shared<Sources>();
  plan.name = fs::path(name).filename().string();
  plan.sources->add(std::move(name), std::move(text));
  Document document = parse_yaml(*plan.sources, 0);
  if (!document.root) return failed(plan.sources, std::move(document.mistakes));
  put_in_order(*document.root);
  LoadContext context(catalog, folder, plan);
  context.read_migrations = read_migrations;
  context.mistakes = std::move(document.mistakes);
  if (context.is_map(*document.root, "a plan")) read_plan(context, *document.root);
  if (!context.mistakes.empty()) return failed(plan.sources, std::move(context.mistakes));
  return plan;
}

tl::expected<Plan, LoadError> load_plan(const std::string& path, const Catalog& catalog,
                                        const ReadMigrations& read_migrations) {
  auto text = read_file(path);
  if (!text && text.error() == "is a folder")
    return unreadable(path, "this is a folder", "name the plan's file");
  if (!text) return unreadable(path, "the file " + text.error());
  const fs::path folder = fs::path(path).parent_path();
  return load_plan_text(path, std::move(*text), folder.empty() ? "." : folder.string(), catalog,
                        read_migrations);
}

}  // namespace backout::model
