// A restore of a database with no word on what was written since the backup.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/loads.hpp"
#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether a schedule is named for how often it runs, beside one that is often enough: it keeps
/// copies for longer, nothing else.
bool is_slower_tier(const Document& document, const importers::Frequency& each,
                    std::int64_t target_ms) {
  const bool beside =
      std::ranges::any_of(document.frequencies, [&](const importers::Frequency& other) {
        return other.section == each.section && other.every_ms <= target_ms;
      });
  const importers::Line* line = line_at(document, each.span);
  if (!beside || line == nullptr) return false;
  const std::string name = lower(line->label.empty() ? line->text : line->label);
  static constexpr std::string_view kNames[] = {
      "hourly", "daily", "nightly",      "weekly",      "monthly",   "quarterly", "yearly",
      "every ", "full",  "differential", "incremental", "long-term", "archive"};
  const bool named = importers::begins_with_any(name, kNames);
  return named ||
         has_any(name, {"daily backup", "weekly backup", "monthly backup", "daily snapshot",
                        "weekly snapshot", "monthly snapshot", "weekly full", "monthly full"});
}

const std::initializer_list<std::string_view> kLogs = {
    "point-in-time",     "point in time",          "pitr",   "wal archiv", "continuous archiv",
    "continuous backup", "transaction log backup", "binlog", "binary log", "oplog"};

/// Whether a sentence about the log, or the one behind it that goes on about it, says that there is
/// none.
bool rules_log_out(std::string_view text) {
  bool about_log = false;
  while (!text.empty()) {
    const std::size_t end = std::min({text.find(". "), text.find(".\n"), text.size()});
    const std::string_view sentence = text.substr(0, end);
    const bool goes_on = sentence.starts_with("it ") || sentence.starts_with("this ") ||
                         sentence.starts_with("that ");
    about_log = has_any(sentence, kLogs) || (about_log && goes_on);
    if (about_log && has_any(sentence, {"not enabled", "not supported"})) return true;
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return false;
}

/// Whether the document says that a log brings back what came after the copies.
bool replays_log(const Document& document) {
  return document_says(document, kLogs) &&
         !document_says(document, {"no point-in-time", "no pitr", "pitr is not", "pitr not",
                                   "without pitr", "pitr: no", "pitr disabled", "no wal"}) &&
         !any_text(document, importers::kNowhere, rules_log_out);
}

bool replays_in(const importers::Line& line) { return has_any(lower(line.text), kLogs); }

/// A copy each day, and a promise to lose a quarter of an hour at most.
void look_at_frequencies(const Document& document, std::vector<model::Finding>& found) {
  const importers::Time* widest = nullptr;
  for (const importers::Time& time : document.times) {
    if (time.use != importers::Time::Use::loss || !time.range.high_ms) continue;
    if (widest == nullptr || *time.range.high_ms > *widest->range.high_ms) widest = &time;
  }
  if (widest == nullptr) return;
  const bool replays = replays_log(document);
  for (const importers::Frequency& each : document.frequencies) {
    if (each.every_ms <= *widest->range.high_ms ||
        is_slower_tier(document, each, *widest->range.high_ms))
      continue;
    // "RPO: last backup (daily)": there no log is meant.
    const importers::Line* line = line_at(document, each.span);
    const bool is_promise =
        line != nullptr && importers::contains_word(lower(line->text), "rpo") && !replays_in(*line);
    if (replays && !is_promise) continue;
    model::Finding made = finding(
        model::Severity::error, each.span,
        fmt::format(
            "a copy every {} loses up to {} of writes; the most that the document allows is {}",
            time_text(each.every_ms), time_text(each.every_ms), time_text(*widest->range.high_ms)),
        "copies that are made as often as the target asks (logs shipped all the time), or a target "
        "that can be kept");
    made.related.push_back({widest->span, "the target"});
    found.push_back(std::move(made));
    return;
  }
}

/// Whether a restore goes into a database that is thrown away again, by its name.
bool tries_out(const Command& command) {
  const std::string text = target_of(command);
  return !is_own_script(command) && (begins_word(text, {"test"}) ||
                                     has_any(text, {"validat", "verify", "scratch", "staging"}));
}

bool names_loss(std::string_view low) { return speaks_of_loss(low) || has(low, "データロス"); }

/// What stands straight below the title holds for every chapter.
bool introduction_tells_of_loss(const Document& document, std::uint32_t chapter) {
  const std::uint32_t above =
      chapter == importers::kNowhere ? chapter : document.sections[chapter].parent;
  if (above == importers::kNowhere || document.sections[above].level > 1) return false;
  return any_line(document, above,
                  [](const importers::Line&, std::string_view low) { return names_loss(low); });
}

/// Whether the way back, or what belongs to none, says how much a restore loses: an objective, or
/// what becomes of later writes.
bool is_loss_told(const DocumentFacts& facts, std::uint32_t section) {
  const Document& document = facts.document;
  const std::uint32_t way = document.procedure_of(section);
  const bool stated = std::ranges::any_of(document.times, [&](const importers::Time& time) {
    return time.use == importers::Time::Use::loss && belongs(facts, way, time.section);
  });
  return stated || is_said_in(document, way, names_loss) ||
         is_said_of(facts, way, [](std::string_view low) {
           if (importers::contains_word(low, "rpo") || has(low, "recovery point")) return true;
           return names_loss(low) && has_any(low, {"backup", "restor", "copy", "snapshot", "since",
                                                   "up to", "last ", "dump", "hour", "minute",
                                                   "copia", "restaur", "sauvegarde", "备份"});
         });
}

}  // namespace

std::vector<model::Finding> check_restore_loses_writes(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  if (document.is_script) return found;  // a script has no prose that could say it
  const bool rehearses =
      has_any(lower(document.title), {"dry-run", "dry run", "drill", "rehearsal"});
  for (const Block* block : shell_blocks(document)) {
    const Role role = document.role(block->section);
    if (rehearses || role == Role::drill || role == Role::prevention ||
        section_says(document, block->section, {"config"}))
      continue;
    if (fills_another_environment(document, block->section)) continue;
    for (const Command& command : block->script.commands) {
      const std::string& text = command.low_line();
      const std::string from =
          command.words.size() > 2 ? lower(command.words[command.words.size() - 2].text) : "";
      const bool copies = command.name() == "cp" && has(from, "backup") &&
                          !has(lower(command.words.back().text), "backup") &&
                          (text.ends_with(".db") || text.ends_with(".sqlite"));
      const auto file = inside(command).value("-f");
      const bool restores = loads_archive(command) || copies ||
                            ((runs(command, "psql") || runs(command, "mysql")) && file &&
                             section_says(document, block->section, {"restor"}) &&
                             !has_any(lower(*file), {"migration", "rollback", "down", "schema"})) ||
                            (effect_of(command) == Effect::restore && runs(command, "sqlcmd")) ||
                            (effect_of(command) == Effect::restore &&
                             (is_own_script(command) ||
                              command.known().existence == catalogue::Existence::unknown_command));
      if ((!restores && !loads_copy(*block, command) && !restores_in_place(command)) ||
          tries_out(command))
        continue;
      if (role != Role::rollback && loads_new_database(document, *block, command)) continue;
      if (section_says_word(document, block->section,
                            {"test", "prueba", "teste", "essai", "probe"}))
        continue;
      if (introduction_tells_of_loss(document, chapter_of(document, block->section)) ||
          is_loss_told(facts, block->section))
        continue;
      if (!found.empty()) {
        found.back().related.push_back({command.span, "here, too"});
        continue;
      }
      const bool own = is_own_script(command) ||
                       command.known().existence == catalogue::Existence::unknown_command;
      found.push_back(finding(own ? model::Severity::warning : model::Severity::error, command.span,
                              "every write since the backup is lost, and nothing says how many "
                              "that may be or what becomes of them",
                              "stop the writers first, say how old the backup may be (RPO), and "
                              "how later writes are brought back"));
    }
  }
  look_at_restores_in_words(facts, found);
  look_at_frequencies(document, found);
  look_at_loss_of_parts(facts, found);
  look_at_lag(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
