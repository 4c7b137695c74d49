#include "analyzer/documents/ways_back.hpp"

#include <algorithm>
#include <string>

#include "analyzer/documents/loads.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

bool changes(const Command& command) {
  const Effect effect = effect_of(command);
  return effect == Effect::change || effect == Effect::destroy || effect == Effect::deploy ||
         effect == Effect::restore;
}

bool restores(const Block& block, const Command& command) {
  if (names_another_database(command)) return false;
  // `docker cp BACKUP shop:/data/shop.db`
  const bool copied = is(command, {"docker", "cp"}) && command.words.size() > 3 &&
                      has(command.words.back().text, ":") &&
                      !has(command.words[command.words.size() - 2].text, ":") &&
                      has_any(command.low_line(), {".db", ".sqlite", ".rdb"});
  if (copied) return true;
  // Files of an archive bring back a database only where they are those of one.
  if (command.name() == "tar" &&
      !has_any(command.low_line(),
               {"db", "sql", "data", "postgres", "mongo", "redis", "volume", "snapshot"}))
    return false;
  return loads_archive(command) || loads_copy(block, command) || restores_in_place(command) ||
         effect_of(command) == Effect::restore;
}

/// Whether one of the lines of a text says it.
bool a_line_says(std::string_view text, Saying says) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (says(text.substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

/// The sections that say it, each once; kNowhere where it stands in none.
const std::vector<std::uint32_t>& sections_that_say(const Document& document, Saying saying) {
  const importers::LowTexts& low = document.low();
  const auto [place, is_new] = low.said.try_emplace(saying);
  std::vector<std::uint32_t>& all = place->second;
  if (!is_new) return all;
  for (std::uint32_t i = 0; i < document.sections.size(); ++i) {
    if (saying(low.titles[i])) all.push_back(i);
  }
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (a_line_says(low.lines[i], saying)) all.push_back(document.lines[i].section);
  }
  for (std::size_t i = 0; i < document.blocks.size(); ++i) {
    const Block& block = document.blocks[i];
    if (!block.left_out && a_line_says(low.blocks[i], saying)) all.push_back(block.section);
  }
  for (const importers::Table& table : document.tables) {
    for (const std::vector<std::string>& row : table.rows) {
      std::string cells;
      for (const std::string& cell : row) cells += lower(cell) + " | ";
      if (saying(cells)) all.push_back(table.section);
    }
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

/// Something that starts what is put there: behind a title about going back it is the older one.
bool starts_version(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "docker-compose") return known.path == "up";
  if (known.tool == "git") return false;
  if (known.does == "deploy" ||
      (known.tool == "docker" && (known.path == "run" || known.path == "pull")))
    return true;
  const std::string& name = command.low_line();
  return is_own_script(command) && has_any(name, {"rollback", "roll-back", "revert"}) &&
         !has_any(name, {"database", "-db", "_db", "migrat", "config", "test", "verify"});
}

/// Whether the titles around the section name the code as what goes back.
bool is_about_code(const Document& document, std::uint32_t section) {
  const bool back = section_says(document, section,
                                 {"rollback", "roll back", "rolling back", "revert", "previous",
                                  "older version", "last good", "last known", "known good",
                                  "known-good", "reverter", "reversi", "версии", "回滚", "zurück"});
  // "2. Restart": what is started there is what was chosen before, or the same with other settings.
  if (section != importers::kNowhere && document.low().titles[section].starts_with("restart"))
    return false;
  return back &&
         !section_says(document, section,
                       {"database", "data ", "migration", "schema", "config", "environment",
                        "backup", "restore", "state", "secret", "dns", "worker", "feature flag"}) &&
         !section_says_word(document, section, {"db", "data", "env"});
}

bool names_data(std::string_view low) {
  return has_any(low,
                 {"database", "migration", "schema", "downgrade", "base de datos", "banco de dados",
                  "base de donn", "datenbank", "миграц", "数据库", "迁移", "データベース"}) ||
         has_word(low, {"db", "data"});
}

bool names_code(std::string_view low) {
  return has_any(low, {"code", "application", "deploy", "backend", "image", "service", "version",
                       "release", "container", "frontend", "pods", "código", "aplica", "imagen",
                       "imagem", "anwendung", "代码", "应用", "版本"}) ||
         has_word(low, {"app", "api"});
}

}  // namespace

bool takes_code_back(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "git")
    return (is(command, {"git", "checkout"}) || is(command, {"git", "revert"}) ||
            is(command, {"git", "reset"})) &&
           !command.has("--") && !command.has("-b");
  return known.does == "roll_back" || (known.tool == "kubectl" && known.path == "set image");
}

bool takes_data_back(const Block& block, const Command& command) {
  return command.known().does == "migrate_down" ||
         (runs(command, "pg_restore") && !command.has("--list") && !command.has("-l")) ||
         loads_copy(block, command);
}

bool is_said_where(const Document& document, const std::function<bool(std::uint32_t)>& counts,
                   Saying saying) {
  return std::ranges::any_of(sections_that_say(document, saying), counts);
}

std::vector<WayBack> ways_back(const DocumentFacts& facts) {
  std::vector<WayBack> ways;
  const Document& document = facts.document;
  if (document.is_script || document.is_workflow || !document.is_runbook) return ways;
  for (const Block* block : blocks_of_way_back(facts)) {
    const std::uint32_t section = document.procedure_of(block->section);
    if (section == importers::kNowhere) continue;
    for (const Command& command : block->script.commands) {
      const bool down = command.known().does == "migrate_down" || runs_down_task(command);
      if (!changes(command) && !down) continue;
      auto way = std::ranges::find(ways, section, &WayBack::section);
      if (way == ways.end()) way = ways.insert(ways.end(), WayBack{section, {}, {}, {}, {}});
      const Deed deed = {block, &command};
      way->deeds.push_back(deed);
      if (down)
        way->downs.push_back(deed);
      else if (restores(*block, command))
        way->restores.push_back(deed);
      else if (takes_code_back(command) ||
               (starts_version(command) && is_about_code(document, block->section)))
        way->code.push_back(deed);
    }
  }
  return ways;
}

bool is_in_way_back(const DocumentFacts& facts, std::uint32_t section) {
  std::optional<std::vector<bool>>& known = facts.document.low().ways_back;
  if (!known) {
    known.emplace(facts.document.sections.size());
    for (const WayBack& way : ways_back(facts)) (*known)[way.section] = true;
  }
  const std::uint32_t around = facts.document.procedure_of(section);
  return around != importers::kNowhere && (*known)[around];
}

bool belongs(const DocumentFacts& facts, std::uint32_t way, std::uint32_t section) {
  const Document& document = facts.document;
  if (section == importers::kNowhere || way == importers::kNowhere || document.below(section, way))
    return true;
  return !is_in_way_back(facts, section) || document.below(way, document.procedure_of(section));
}

bool is_said_of(const DocumentFacts& facts, std::uint32_t way, Saying saying) {
  return is_said_where(
      facts.document, [&](std::uint32_t section) { return belongs(facts, way, section); }, saying);
}

bool is_said_in(const Document& document, std::uint32_t way, Saying saying) {
  return is_said_where(
      document,
      [&](std::uint32_t section) {
        return section != importers::kNowhere && document.below(section, way);
      },
      saying);
}

bool is_note(const Document& document) {
  constexpr std::size_t kSections = 6;
  return document.sections.size() < kSections;
}

bool is_about_way_back(const DocumentFacts& facts) {
  const std::string name = file_name_of(facts) + " " + lower(facts.document.title);
  return has_any(name, {"rollback", "roll back", "roll-back", "restore", "recover", "disaster",
                        "failover", "backout", "cutover", "retour arri", "reversi", "restaur",
                        "recupera", "rétabl", "wiederher", "回滚", "恢复", "откат", "восстан"}) &&
         !has_any(name, {"drill", "test result", "acceptance", "summary", "review"});
}

bool says_order(std::string_view low) {
  if (has(low, "rollback order") || has(low, "order of rollback")) return true;
  if (!names_data(low) || !names_code(low)) return false;
  if (has_any(low, {"compatib", "compatív", "backward", "forward-only", "forward only", "additive",
                    "expand", "together", "simultan", "at the same time", "independent",
                    "both schemas", "can be reversed", "reversible", "совместим", "兼容", "互換"}))
    return true;
  const bool back =
      has_any(low, {"rollback", "roll back", "rolled back", "rolling back", "go back", "goes back",
                    "going back", "revert", "downgrad", "restor", "undo", "older", "previous",
                    "restaur", "anterior", "retroced", "откат", "回滚", "恢复"});
  const bool order =
      has_any(low,
              {"before", "after", "order", "sequence", "prior to", "antes", "después", "despues",
               "depois", "orden", "ordem", "step 1", "сначала", "перед", "之前", "之后"}) ||
      has_word(low, {"first", "then", "once", "last", "primero", "luego", "erst", "zuerst"});
  return back && order;
}

}  // namespace backout::analyzer::documents
