// A step that is said to come first and does not.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// The schema goes back, and only then the code that was written for the newer one; nothing is
/// stopped in between.
void look_at_schema(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  struct Place {
    std::uint32_t section = importers::kNowhere;
    model::Span span;
  };
  const Document& document = facts.document;
  std::vector<Place> schema;
  for (const Block& block : document.blocks) {
    const bool back = document.role(block.section) == Role::rollback && !block.left_out &&
                      is_followed(facts, block);
    if (!back) continue;
    if (block.language == importers::Language::sql) {
      for (const BlockLine& line : lines_of(block)) {
        const std::string text = lower(line.text);
        if (has_any(text, {"drop column", "drop table"}) && !text.starts_with("--")) {
          schema.push_back({block.section, line.span});
          break;
        }
      }
    }
    for (const Command& command : block.script.commands) {
      if (command.known().does == "migrate_down") schema.push_back({block.section, command.span});
      const bool code = command.known().does == "roll_back" && command.known().tool != "git";
      if (!code) continue;
      const auto before = std::ranges::find_if(schema, [&](const Place& place) {
        return place.section == block.section && place.span.end < command.span.begin;
      });
      if (before == schema.end() || section_text_says(document, block.section,
                                                      {"stop", "maintenance", "scale", "down -",
                                                       "compose down", "shut", "traffic"}))
        continue;
      model::Finding made =
          finding(model::Severity::error, before->span,
                  fmt::format("the schema goes back before the code that was written for it: until "
                              "'{}' the newer code fails on the older schema",
                              text_of(command)),
                  "the code first, then the schema; or stop the application in between");
      made.related.push_back({command.span, "the code goes back only here"});
      add_once(found, std::move(made));
      schema.erase(before);
    }
  }
}

/// `./rollback-database.sh`, and then `./rollback-app.sh`.
void look_at_scripts(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block) || facts.document.role(block->section) == Role::deploy)
      continue;
    const Command* schema = nullptr;
    for (const Command& command : block->script.commands) {
      const std::string name = command.low_line().substr(0, 80);
      const bool back = has_any(name, {"rollback", "roll-back", "revert", "restore"});
      const bool data = has_any(name, {"database", "-db", "_db", "schema", "migrat"});
      if (has_any(name, {"stop", "maintenance", "scale", "drain", " down"})) schema = nullptr;
      if (!is_own_script(command) || !back || has_any(name, {"verify", "check", "test", "notify"}))
        continue;
      if (data) {
        schema = &command;
        continue;
      }
      if (schema == nullptr ||
          has_any(lower(block->content.text),
                  {"maintenance", "replicas=0", "compose stop", "systemctl stop", "pm2 stop"}))
        continue;
      model::Finding made =
          finding(model::Severity::warning, schema->span,
                  fmt::format("the database goes back before the code that was written for it: "
                              "until '{}' the newer code runs on the older data",
                              text_of(command)),
                  "the code first, then the database; or stop the application in between");
      made.related.push_back({command.span, "the code goes back only here"});
      add_once(found, std::move(made));
      schema = nullptr;
    }
  }
}

/// The code goes back, and only then the migrations are taken back: what takes them back is in the
/// newer code.
void look_at_lost_downs(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  const Command* code = nullptr;
  bool image = false;    // it is one of a container
  bool fetched = false;  // an image was, by its tag
  std::uint32_t procedure = importers::kNowhere;
  for (const Block* block : shell_blocks(document)) {
    if (!is_followed(facts, *block) || document.role(block->section) == Role::deploy) continue;
    if (const std::uint32_t here = document.procedure_of(block->section); here != procedure) {
      code = nullptr;
      fetched = false;
      procedure = here;
    }
    for (const Command& command : block->script.commands) {
      const bool back = (is(command, {"git", "checkout"}) && !command.has("--") &&
                         !command.has("-b") && operands(command, 1).size() == 1) ||
                        is(command, {"git", "reset"});
      if (back)
        code = has_any(command.line(), {" main", " master", " develop"}) ? nullptr : &command;
      // An image of the older release, and the migrations are taken back in it.
      const catalogue::Known& known = command.known();
      const bool tagged =
          known.tool == "docker-compose" && known.path == "up" &&
          std::ranges::any_of(command.environment, [](const std::string& each) {
            return has_any(lower(each.substr(0, each.find('='))), {"tag", "version", "image"});
          });
      const bool pods =
          known.tool == "kubectl" && (known.path == "rollout undo" || known.path == "set image");
      if (is(command, {"docker", "pull"})) fetched = true;
      const bool starts = fetched && known.tool == "docker-compose" && known.path == "up";
      if ((tagged || pods || starts) &&
          (document.role(block->section) == Role::rollback || is_procedure(facts, block->section)))
        code = &command;
      if (code == &command) image = tagged || pods || starts;
      static const std::set<std::string_view> kOfFiles = {
          "alembic", "rails", "manage.py", "knex", "typeorm", "sequelize", "flask", "artisan"};
      const bool own = image && !known.wrappers.empty() && names_down_task(command.low_line());
      if (code == nullptr || (!own && (command.known().does != "migrate_down" ||
                                       !kOfFiles.contains(command.known().tool))))
        continue;
      // What is run in a container sees what its image holds, and no checkout of the host.
      if (image && (known.wrappers.empty() || !command.environment.empty())) continue;
      model::Finding made = finding(model::Severity::error, command.span,
                                    "what takes the migration back stands in the newer code, and "
                                    "that is gone by then: the tool does not find it",
                                    "take the migrations back with the newer release, while "
                                    "nothing serves, and bring the older code then");
      made.related.push_back({code->span, "the code goes back here"});
      add_once(found, std::move(made));
      code = nullptr;
    }
  }
}

/// The database goes back before the code, in words.
void look_at_order_in_words(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  const auto back = [](std::string_view text) {
    return has_any(text, {"rollback", "roll back", "revert", "restore", "downgrade", "undo"});
  };
  const auto schema = [&](std::string_view text) {
    return back(text) && has_any(text, {"database", "schema", "migration", " db"});
  };
  const auto code = [&](std::string_view text) {
    return (back(text) || has_any(text, {"deploy previous", "deploy the previous"}) ||
            (has(text, "redeploy") &&
             has_any(text, {"previous", "prior", "older", "last", "good", "earlier"}))) &&
           has_any(text, {"application", " app", "code", "backend", "frontend", "service",
                          "deployment", "image"}) &&
           !schema(text);
  };
  const importers::Step* first = nullptr;
  for (const importers::Step& step : document.steps) {
    const std::string text = lower(step.title);
    const Role role = document.role(step.section);
    if (step.deploys || (role != Role::rollback && role != Role::other) || text.size() > 90)
      continue;
    if (first != nullptr &&
        document.procedure_of(first->section) != document.procedure_of(step.section))
      first = nullptr;
    if (has_any(text, {"if needed", "if required", "if necessary", "option"})) continue;
    // "Recovery strategies by failure mode": one of them is taken.
    if (section_says(document, step.section,
                     {"strateg", "by failure", "failure mode", "scenarios", "options"}))
      continue;
    if (schema(text)) first = &step;
    if (first == nullptr || &step == first || !code(text)) continue;
    if (section_text_says(document, document.procedure_of(step.section),
                          {"stop", "maintenance", "scale", "down -", "compose down", "shut",
                           "traffic", "drain", "backward", "compatible"}))
      return;
    model::Finding made =
        finding(model::Severity::warning, first->span,
                "the database goes back before the code that was written for it: until then the "
                "newer code runs on the older data",
                "the code first, then the database; or stop the application in between");
    made.related.push_back({step.span, "the code goes back only here"});
    add_once(found, std::move(made));
    return;
  }
}

}  // namespace

std::vector<model::Finding> check_order_contradiction(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const auto first = [](std::string_view low) {
    return has_any(
        low, {"do this first", "must be done first", "do this before anything", "always first"});
  };
  const importers::LowTexts& low = facts.document.low();
  for (std::size_t i = 0; i < facts.document.sections.size(); ++i) {
    const importers::Section& bold = facts.document.sections[i];
    if (bold.level < 7 || bold.parent == importers::kNowhere || !first(low.titles[i])) continue;
    const importers::Section& step = facts.document.sections[bold.parent];
    if (step.kind != importers::Section::Kind::step || step.number.value_or(1) <= 1) continue;
    found.push_back(finding(model::Severity::error, bold.span,
                            fmt::format("this is said to come first and stands in step {}: what it "
                                        "stops goes on through the steps before it",
                                        *step.number),
                            "make it step 1"));
  }
  for (std::size_t i = 0; i < facts.document.lines.size(); ++i) {
    const importers::Line& line = facts.document.lines[i];
    if (line.section == importers::kNowhere) continue;
    const importers::Section& section = facts.document.sections[line.section];
    const bool late =
        section.kind == importers::Section::Kind::step && section.number.value_or(1) > 1;
    if (!late || !first(low.lines[i])) continue;
    found.push_back(finding(model::Severity::error, line.span,
                            fmt::format("this is said to come first and stands in step {}: what it "
                                        "stops goes on through the steps before it",
                                        *section.number),
                            "make it step 1"));
  }
  look_at_schema(facts, found);
  look_at_scripts(facts, found);
  look_at_lost_downs(facts, found);
  if (found.empty()) look_at_order_in_words(facts, found);
  if (found.empty()) look_at_unsaid_order(facts, found);
  look_at_early_traffic(facts, found);
  look_at_doors(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
