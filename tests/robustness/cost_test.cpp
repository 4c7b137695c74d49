// What an input costs grows with its size and not with its square: the bytes that are asked of the
// heap are counted, so that the test says the same on any machine. scripts/large-inputs measures
// times, and more ways in which an input may grow.
#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyzer/documents/rule.hpp"
#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "importers/document/document.hpp"
#include "importers/document/limits.hpp"
#include "importers/draft/draft.hpp"
#include "importers/repository/repository.hpp"
#include "model/load.hpp"
#include "robustness/allocation.hpp"
#include "services/service.hpp"
#include "simulator/matrix.hpp"

namespace backout::tests {
namespace {

std::string lines(std::size_t n, const std::function<std::string(std::size_t)>& make) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += make(i) + "\n";
  return text;
}

std::string list(std::size_t n, const std::function<std::string(std::size_t)>& make) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += (i == 0 ? "" : ", ") + make(i);
  return text;
}

std::string numbered(std::string_view words, std::size_t i) {
  return fmt::format(fmt::runtime(words), i);
}

std::string plan(const std::string& services, const std::string& rest = "") {
  return "backout: 1\nservices:\n  web: {kind: app, versions: {v1: {}, v2: {}}, start: v1}\n" +
         services +
         "deploy:\n  steps:\n    - {id: code, do: deploy, target: web, version: v2, takes: 1-2m, "
         "undo: r_code}\n"
         "rollback:\n  steps:\n    - {id: r_code, do: deploy, target: web, version: v1, takes: "
         "1-2m}\n" +
         rest;
}

void check_plan(const std::string& text) {
  const auto loaded = model::load_plan_text("plan.yaml", text, "", services::catalog());
  ASSERT_TRUE(loaded)
      << loaded.error().mistakes.front().message;  // a plan that is refused costs nothing
  std::vector<model::Mistake> mistakes;
  const analyzer::Facts facts = analyzer::derive_facts(*loaded, mistakes);
  ASSERT_TRUE(mistakes.empty());
  simulator::SearchOptions options;
  options.threads = 1;
  const simulator::Matrix matrix = simulator::explore(facts.context, facts.start, options);
  analyzer::report(facts, simulator::findings_of(facts.context, matrix), true, "2026-01-01");
}

void refuse_plan(const std::string& text) {
  ASSERT_FALSE(model::load_plan_text("plan.yaml", text, "", services::catalog()));
}

void check_document(const std::string& text, const std::string& name) {
  ASSERT_EQ(importers::part_read(text), "");  // what is not read costs nothing
  model::Sources sources;
  const std::uint32_t file = sources.add(name, text);
  const bool is_workflow = importers::is_workflow_file(name);
  const importers::Document document = is_workflow ? importers::read_workflow(text, file, name)
                                       : name.ends_with(".sh")
                                           ? importers::read_script(text, file, name)
                                           : importers::read_document(text, file, name);
  const importers::Repository none;
  if (!is_workflow)
    importers::draft_plan({document, sources, none, services::catalog(), name},
                          [](const std::string&) { return std::vector<model::Mistake>(); });
  analyzer::document_findings({document, sources});
}

using Make = std::function<void(std::size_t)>;

Make of_plan(const std::function<std::string(std::size_t)>& make) {
  return [make](std::size_t n) { check_plan(make(n)); };
}
Make shell(std::string_view line) {
  return [line](std::size_t n) {
    check_document("#!/bin/bash\n" + lines(n, [&](std::size_t i) { return numbered(line, i); }),
                   "undo.sh");
  };
}
Make markdown(std::string_view line, std::size_t part = 1) {
  return [line, part](std::size_t n) {
    check_document(
        "# Rollback\n\n" + lines(n / part, [&](std::size_t i) { return numbered(line, i); }),
        "ROLLBACK.md");
  };
}

/// A document of steps with a command each; fewer than `n`, so that its lines are all read.
Make steps(std::string_view before, std::string_view step, std::string_view name = "ROLLBACK.md",
           std::size_t part = 4) {
  return [=](std::size_t n) {
    check_document(
        std::string(before) + lines(n / part, [&](std::size_t i) { return numbered(step, i); }),
        std::string(name));
  };
}

/// What grows, by name. Where a limit of the reader is near, fewer than `n` are made: those that
/// are made must all be read.
std::map<std::string, Make> families() {
  const auto each = [](std::string_view words) {
    return [words](std::size_t i) { return numbered(words, i); };
  };
  return {
      {"config_items", of_plan([=](std::size_t n) {
         return plan("  conf: {kind: config, items: {" + list(n, each("K{0}: v{0}")) + "}}\n");
       })},
      {"flags", of_plan([=](std::size_t n) {
         return plan("  sw: {kind: flags, flags: {" + list(n, each("f{}: false")) + "}}\n");
       })},
      {"dns_records", of_plan([=](std::size_t n) {
         return plan("  zone: {kind: dns, records: {" + list(n, each("r{0}: a{0}")) + "}}\n");
       })},
      {"collections", of_plan([=](std::size_t n) {
         return plan("  vec: {kind: vector_store, collections: [" + list(n, each("c{}")) + "]}\n");
       })},
      {"services", of_plan([=](std::size_t n) {
         return plan(lines(n, each("  a{}: {{kind: app, versions: {{v1: {{}}}}, start: v1}}")));
       })},
      {"paths", of_plan([=](std::size_t n) {
         return plan("",
                     "  paths:\n" + lines(n / 4, each("    p{}: {{steps: [r_code], full: true}}")));
       })},
      {"rules", of_plan([=](std::size_t n) {
         return plan(
             "  mon: {kind: monitor, metrics: {m: percent}}\n",
             "decisions:\n  metrics: {m: {unit: percent}}\n  rules:\n" +
                 lines(n / 4,
                       each("    - {{when: {{metric: m, op: ge, value: {}}}, decide: rollback}}")));
       })},
      {"mistakes", [=](std::size_t n) { refuse_plan(plan("", lines(n, each("keyy{}: 1")))); }},
      {"commands", shell("psql -f down{}.sql")},
      {"the same command", shell("psql -f down.sql")},
      {"assignments", shell("A{0}=$A{0}x")},
      {"comments", shell("# {}. Step: stop it (5 minutes)")},
      {"loops", shell("for h in a b c; do ssh $h systemctl stop a{}; done")},
      {"items", markdown("{0}. Stop `app{0}` (5 minutes)")},
      {"headings", markdown("## Method {}: by hand (10 minutes)\n\n1. do it\n", 2)},
      {"blocks", markdown("## Step {0}: undo a{0}\n\n```sh\npsql -f down{0}.sql\n```\n", 4)},
      {"steps of a workflow",
       steps("name: Roll back\njobs:\n  rollback:\n    steps:\n",
             "      - name: Look at the worker of queue {0}\n        run: ls w{0}",
             ".github/workflows/rollback.yml", 2)},
      {"headings as steps", steps("# Rollback\n\n## Rollback of it all\n\n",
                                  "### Stop the worker of queue {0}\n\n```sh\nls w{0}\n```\n")},
      {"numbered headings",
       steps("# Rollback\n\n## Rollback of it all\n\n",
             "### {0}. Look at the worker of queue {0}\n\n```sh\nls w{0}\n```\n")},
      {"ways back in chapters", steps("# Rollback\n\n",
                                      "## Rollback of api{0}\n\n```sh\nalembic downgrade "
                                      "-1\nkubectl rollout undo deployment/api{0}\n```\n",
                                      "ROLLBACK.md", 8)},
      {"ways back in a list",
       steps("# Rollback\n\n", "- run `kubectl rollout undo deployment/api{0}`\n", "ROLLBACK.md",
             2)},
      {"items that say the same",
       steps("# Rollback\n\n## Rollback\n\n", "{0}. Restart the api: `systemctl restart api`",
             "ROLLBACK.md", 2)},
      {"items that say the same above a block",
       steps("# Rollback\n\n## Rollback\n\n",
             "{0}. Restart the api:\n\n   ```sh\n   systemctl restart api\n   ```\n", "ROLLBACK.md",
             8)},
      {"items of many commands",
       [=](std::size_t n) {
         const std::string item = list(32, each("run `systemctl restart api{0}`"));
         check_document(
             "# Rollback\n\n## Rollback\n\n" +
                 lines(n / 16,
                       [&](std::size_t i) { return fmt::format("{}. Restart: {}", i, item); }),
             "ROLLBACK.md");
       }},
      {"clicks before the last look",
       [=](std::size_t n) {
         check_document("# Rollback\n\n## Rollback\n\n" +
                            lines(n, each("{0}. Click **Roll back**")) +
                            lines(1, each("{0}. Check `curl -fsS https://shop.example/health`")),
                        "ROLLBACK.md");
       }},
      {"looks", steps("# Rollback\n\n",
                      "## Verify api{0}\n\n```sh\ncurl https://api{0}.example/health\nkubectl get "
                      "pods -l app=api{0}\n```\n",
                      "ROLLBACK.md", 8)},
      {"endless looks",
       steps("# Rollback\n\n## Rollback of it all\n\n",
             "### Step {0}: Look at queue {0}\n\n```sh\nkubectl logs -f deployment/w{0}\n```\n",
             "ROLLBACK.md", 8)},
      {"prose",
       markdown("Within {0} minutes, roll back if the error rate of api{0} is above {0}%.")},
      {"one block", [](std::size_t n) {
         check_document(
             "# Rollback\n\n```sh\n" +
                 lines(n, [](std::size_t i) { return fmt::format("psql -f down{}.sql", i); }) +
                 "```\n",
             "ROLLBACK.md");
       }}};
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, make] : families()) all.push_back(name);
  return all;
}

class Cost : public testing::TestWithParam<std::string> {};

TEST_P(Cost, GrowsWithTheSizeOfTheInput) {
  const Make make = families().at(GetParam());
  make(10);  // what is made once
  const auto cost = [&](std::size_t n) {
    const std::size_t before = bytes_asked();
    make(n);
    return bytes_asked() - before;
  };
  const std::size_t small = cost(400);
  const std::size_t large = cost(1600);
  ASSERT_GT(small, 10'000U);
  // Four times the size; sixteen times the bytes where each is held against each.
  EXPECT_LT(static_cast<double>(large) / static_cast<double>(small), 6.0)
      << small << " and " << large << " bytes";
}

INSTANTIATE_TEST_SUITE_P(Families, Cost, testing::ValuesIn(names()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, ' ', '_');
  return name;
});

TEST(Limits, ALongDocumentIsReadToALimit) {
  const std::string text =
      lines(importers::kMostLines + 10, [](std::size_t i) { return fmt::format("echo {}", i); });
  const importers::Document document = importers::read_script(text, 0, "undo.sh");
  EXPECT_EQ(document.blocks.at(0).script.commands.size(), importers::kMostLines);
  EXPECT_EQ(text.substr(importers::readable(text), 10), "echo 4000\n");
  const std::string whole =
      lines(importers::kMostLines, [](std::size_t i) { return fmt::format("echo {}", i); });
  EXPECT_EQ(importers::readable(whole), whole.size());
  const std::string wide = "roll back: " + std::string(importers::kMostText, 'a');
  EXPECT_EQ(importers::readable(wide), importers::kMostText);
}

}  // namespace
}  // namespace backout::tests
