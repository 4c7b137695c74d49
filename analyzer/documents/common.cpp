#include "analyzer/documents/common.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/duration.hpp"

namespace backout::analyzer::documents {

bool has(std::string_view text, std::string_view part) { return importers::contains(text, part); }

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return has(text, part); });
}

namespace {

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
}

/// Whether `part` stands in the text with no letter before it, and none behind it where it must be
/// `whole`.
bool stands_apart(std::string_view text, std::string_view part, bool whole) {
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    const std::size_t end = at + part.size();
    if ((at == 0 || !is_letter(text[at - 1])) &&
        (!whole || end == text.size() || !is_letter(text[end])))
      return true;
  }
  return false;
}

}  // namespace

bool has_word(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return stands_apart(text, word, true); });
}

bool begins_word(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return stands_apart(text, part, false); });
}

bool says_test(std::string_view text) {
  return begins_word(text, {"test"}) || has_word(text, {"check", "checks", "ping"});
}

std::string file_name_of(const DocumentFacts& facts) {
  const std::string& path = facts.sources[facts.document.file].name();
  return lower(path.substr(path.rfind('/') + 1));
}

bool names_rollback(const DocumentFacts& facts) {
  return has_any(file_name_of(facts), {"rollback", "roll-back", "roll_back", "revert"});
}

bool is_titled_rollback(const DocumentFacts& facts) {
  return has_any(file_name_of(facts) + lower(facts.document.title), {"rollback", "roll back"});
}

model::Finding finding(model::Severity severity, model::Span span, std::string message,
                       std::string fix) {
  model::Finding made;
  made.severity = severity;
  made.span = span;
  made.message = std::move(message);
  made.fix = std::move(fix);
  return made;
}

void add_once(std::vector<model::Finding>& found, model::Finding made) {
  const auto same = std::ranges::find_if(
      found, [&](const model::Finding& each) { return each.message == made.message; });
  if (same == found.end())
    found.push_back(std::move(made));
  else
    same->related.push_back({made.span, "here, too"});
}

void OneFinding::add(model::Finding place) {
  if (made_)
    made_->related.push_back({place.span, beside_});
  else
    made_ = std::move(place);
}

void OneFinding::add_to(std::vector<model::Finding>& found) && {
  if (made_) found.push_back(*std::move(made_));
}

bool is_followed(const DocumentFacts& facts, const Block& block) {
  const Role role = facts.document.role(block.section);
  return role != Role::drill && role != Role::prevention && role != Role::reference &&
         role != Role::follow_up && role != Role::template_text && role != Role::contacts;
}

std::string trap_text(const Command& command, const catalogue::Trap& trap) {
  if (trap.says.starts_with('`')) return trap.says;
  return fmt::format("`{}`: {}", command.known().command, trap.says);
}

std::vector<const Block*> shell_blocks(const Document& document) {
  std::vector<const Block*> all;
  for (const Block& block : document.blocks) {
    if (!block.left_out && block.language == importers::Language::shell) all.push_back(&block);
  }
  return all;
}

namespace {

/// Options in front of a subcommand that take a value.
bool takes_value(std::string_view option) {
  static const std::set<std::string_view> kAll = {
      "-n", "--namespace", "--context", "-C", "-c",     "-f",           "--file",
      "-p", "--profile",   "--region",  "-H", "--host", "--kubeconfig", "--project"};
  return kAll.contains(option);
}

std::vector<const importers::Word*> plain_words(const Command& command) {
  std::vector<const importers::Word*> all;
  const std::size_t first = command.name_index();
  for (std::size_t i = first; i < command.words.size(); ++i) {
    const std::string& text = command.words[i].text;
    if (i > first && text.starts_with('-')) {
      if (takes_value(text)) ++i;
      continue;
    }
    all.push_back(&command.words[i]);
  }
  return all;
}

}  // namespace

bool is(const Command& command, std::initializer_list<std::string_view> words) {
  if (command.name() != *words.begin()) return false;
  if (words.size() == 1) return true;
  const auto plain = plain_words(command);
  if (plain.size() < words.size()) return false;
  std::size_t i = 1;
  for (auto it = words.begin() + 1; it != words.end(); ++it, ++i) {
    if (plain[i]->text != *it) return false;
  }
  return true;
}

bool runs(const Command& command, std::string_view tool) {
  return command.name() == tool || command.known().tool == tool;
}

Command inside(const Command& command) {
  const catalogue::Known& known = command.known();
  const auto word = static_cast<std::size_t>(std::max(known.word, 0));
  const std::size_t before = command.environment.size();
  if (known.wrappers.empty() || word <= before || word - before >= command.words.size())
    return command;
  Command inner = command;
  inner.drop_words(word - before);
  return inner;
}

std::vector<std::string> arguments_of(const Command& command, std::string_view name) {
  std::vector<std::string> values;
  for (const catalogue::Effect& effect : command.known().effects) {
    for (const catalogue::Argument& argument : effect.args) {
      if (argument.name == name) values.push_back(argument.value);
    }
  }
  return values;
}

bool is_plain(std::string_view value) {
  return !value.empty() && value.find_first_of("$<{[") == std::string_view::npos;
}

bool says_shell(std::string_view fence) {
  return fence == "bash" || fence == "sh" || fence == "shell" || fence == "zsh";
}

std::vector<const importers::Word*> operands(const Command& command, std::size_t subcommands) {
  auto all = plain_words(command);
  all.erase(all.begin(),
            all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), subcommands + 1)));
  return all;
}

bool has_expected_answer(const Document& document, const Command& command) {
  return std::ranges::any_of(document.checks, [&](const importers::Check& each) {
    return each.span == command.span && !each.expectation.empty();
  });
}

bool names_down_task(std::string_view text) {
  return has_any(text,
                 {"migrate:down", "migration:revert", "migration:down", "migrate:undo",
                  "migrate:rollback", "migrate:reset", "db:rollback", "migration:rollback",
                  "reverse-migration", "reverse_migration", "migrate-down", "migrations-down"});
}

bool runs_down_task(const Command& command) {
  return (is_own_script(command) || command.known().does == "run") &&
         names_down_task(command.low_line());
}

bool goes_on(const Command& command) { return !command.context.failure_seen(); }

bool runs_as_script(const Block& block) {
  if (block.script.whole) return true;
  return std::ranges::any_of(block.script.commands, [](const Command& command) {
    return command.context.branches > 0 || command.context.loops > 0 ||
           !command.context.function.empty();
  });
}

namespace {

using Says = bool (*)(std::string_view text, std::initializer_list<std::string_view> words);

bool title_says(const Document& document, std::uint32_t section,
                std::initializer_list<std::string_view> words, Says says) {
  for (; section != importers::kNowhere; section = document.sections[section].parent) {
    if (document.sections[section].level > 1 && says(document.low().titles[section], words))
      return true;
  }
  return false;
}

/// What any_text() says, asked once of a document. `how` names `says`.
bool text_says(const Document& document, std::uint32_t section,
               std::initializer_list<std::string_view> words, Says says, char how) {
  const auto [answer, is_new] = document.low().answers.try_emplace(
      fmt::format("{}{}:{}", how, section, fmt::join(words, "|")));
  if (is_new)
    answer->second =
        any_text(document, section, [&](std::string_view text) { return says(text, words); });
  return answer->second;
}

}  // namespace

bool any_line(const Document& document, std::uint32_t section,
              const std::function<bool(const importers::Line&, std::string_view)>& says) {
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (document.lines[i].section == section && says(document.lines[i], document.low().lines[i]))
      return true;
  }
  return false;
}

bool any_text(const Document& document, std::uint32_t section,
              const std::function<bool(std::string_view)>& says) {
  const auto inside = [&](std::uint32_t at) {
    return section == importers::kNowhere || document.below(at, section);
  };
  const importers::LowTexts& low = document.low();
  for (std::uint32_t i = 0; i < document.sections.size(); ++i) {
    if (inside(i) && says(low.titles[i])) return true;
  }
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (inside(document.lines[i].section) && says(low.lines[i])) return true;
  }
  for (std::size_t i = 0; i < document.blocks.size(); ++i) {
    const Block& block = document.blocks[i];
    if (inside(block.section) && !block.left_out && says(low.blocks[i])) return true;
  }
  return false;
}

bool section_says(const Document& document, std::uint32_t section,
                  std::initializer_list<std::string_view> words) {
  return title_says(document, section, words, has_any);
}

bool section_says_word(const Document& document, std::uint32_t section,
                       std::initializer_list<std::string_view> words) {
  return title_says(document, section, words, has_word);
}

std::string variable_at(std::string_view text, std::size_t from) {
  const std::size_t dollar = from == std::string_view::npos ? from : text.find('$', from);
  if (dollar == std::string_view::npos) return {};
  const std::size_t begin = dollar + (text.substr(dollar + 1).starts_with('{') ? 2 : 1);
  std::size_t end = begin;
  while (end < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'))
    ++end;
  return std::string(text.substr(begin, end - begin));
}

std::size_t find_variable(std::string_view text, std::string_view name, std::size_t from) {
  for (std::size_t at = text.find('$', from); at != std::string_view::npos;
       at = text.find('$', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('{')) rest.remove_prefix(1);
    if (!rest.starts_with(name)) continue;
    const bool longer = rest.size() > name.size() &&
                        (std::isalnum(static_cast<unsigned char>(rest[name.size()])) != 0 ||
                         rest[name.size()] == '_');
    if (!longer) return at;
  }
  return std::string_view::npos;
}

bool uses_variable(std::string_view text, std::string_view name) {
  return find_variable(text, name, 0) != std::string_view::npos;
}

std::string resolved(const Block& block, const std::string& text) {
  if (!text.starts_with('$')) return text;
  std::string name;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') name += c;
  }
  for (const importers::Assignment& each : block.script.assignments) {
    if (each.name == name) return each.value;
  }
  return text;
}

std::vector<BlockLine> lines_of(const Block& block) {
  std::vector<BlockLine> lines;
  const std::string& text = block.content.text;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t first = std::min(text.find_first_not_of(" \t\"'", begin), end);
    if (first < end)
      lines.push_back({text.substr(first, end - first), block.content.span(first, end)});
    begin = end + 1;
  }
  return lines;
}

namespace {

bool begins_statement(std::string_view low) {
  return has_any(low.substr(0, 12),
                 {"select", "update ", "delete ", "drop ", "truncate ", "alter ", "insert "});
}

/// The statements in the words of a client: `psql -c "BEGIN; DROP TABLE carts"`. Those that begin a
/// line of the block are read there.
void add_statements(const Block& block, std::vector<SqlLine>& all) {
  for (const Command& command : block.script.commands) {
    if (command.words.empty() || !command.known().speaks_sql) continue;
    const std::string sql = lower(command.known().sql);
    for (std::size_t begin = 0; begin < sql.size();) {
      const std::size_t end = std::min(sql.find(';', begin), sql.size());
      const std::size_t first = std::min(sql.find_first_not_of(" \t\r\n", begin), end);
      const bool own_line = first > 0 &&
                            sql.find_last_not_of(" \t", first - 1) != std::string::npos &&
                            sql[sql.find_last_not_of(" \t", first - 1)] == '\n' && begin > 0;
      std::string text = sql.substr(first, end - first);
      if (begins_statement(text) && !own_line)
        all.push_back({&block, std::move(text), command.span});
      begin = end + 1;
    }
  }
}

}  // namespace

std::vector<SqlLine> sql_lines(const Document& document) {
  std::vector<SqlLine> all;
  for (const Block& block : document.blocks) {
    const bool read =
        block.language == importers::Language::sql || block.language == importers::Language::shell;
    if (block.left_out || !read) continue;
    for (const BlockLine& line : lines_of(block)) {
      std::string text = lower(line.text);
      if (begins_statement(text)) all.push_back({&block, std::move(text), line.span});
    }
    add_statements(block, all);
  }
  return all;
}

bool section_text_says(const Document& document, std::uint32_t section,
                       std::initializer_list<std::string_view> words) {
  return text_says(document, section, words, has_any, 'p');
}

bool section_text_says_word(const Document& document, std::uint32_t section,
                            std::initializer_list<std::string_view> words) {
  return text_says(document, section, words, has_word, 'w');
}

bool document_says(const Document& document, std::initializer_list<std::string_view> words) {
  return text_says(document, importers::kNowhere, words, has_any, 'p');
}

bool document_says_word(const Document& document, std::initializer_list<std::string_view> words) {
  return text_says(document, importers::kNowhere, words, has_word, 'w');
}

bool document_begins_word(const Document& document, std::initializer_list<std::string_view> parts) {
  return text_says(document, importers::kNowhere, parts, begins_word, 'b');
}

bool says_rpo(const Document& document) {
  const importers::LowTexts& low = document.low();
  const auto says = [](const std::string& text) {
    return importers::contains_word(text, "rpo") ||
           has_any(text, {"recovery point objective", "recovery-point objective",
                          "recovery point target"});
  };
  const bool in_table = std::ranges::any_of(document.times, [](const importers::Time& time) {
    return time.use == importers::Time::Use::loss;
  });
  return in_table || std::ranges::any_of(low.titles, says) ||
         std::ranges::any_of(low.lines, says) || std::ranges::any_of(low.blocks, says);
}

std::uint32_t chapter_of(const Document& document, std::uint32_t section) {
  while (section != importers::kNowhere && document.sections[section].level > 2 &&
         document.sections[section].parent != importers::kNowhere &&
         document.sections[document.sections[section].parent].level > 1) {
    section = document.sections[section].parent;
  }
  return section;
}

bool fills_another_environment(const Document& document, std::uint32_t section) {
  std::string titles = lower(document.title);
  for (; section != importers::kNowhere; section = document.sections[section].parent)
    titles += "\n" + lower(document.title_of(section));
  return has_any(titles, {"non-prod", "nonprod", "to staging", "into staging", "refresh staging",
                          "refresh the staging", "staging refresh", "staging from", "to dev",
                          "into dev", "to local", "into local", "to your local", "dev from",
                          "local from", "to sandbox", "into a sandbox"});
}

std::string target_of(const Command& command) {
  static const std::set<std::string_view> kReads = {"-f", "--file", "-i", "--input", "--archive"};
  static constexpr std::string_view kEnds[] = {".dump", ".sql",    ".gz",   ".tar",   ".tgz",
                                               ".bak",  ".backup", ".zst",  ".bz2",   ".xz",
                                               ".gpg",  ".enc",    ".json", ".custom"};
  std::string text;
  for (std::size_t i = 0; i < command.words.size(); ++i) {
    const std::string word = lower(command.words[i].text);
    const bool value = i > 0 && kReads.contains(command.words[i - 1].text);
    const bool path = has(word, "/") && !has(word, "://") && !word.starts_with("-");
    const bool file =
        std::ranges::any_of(kEnds, [&](std::string_view end) { return word.ends_with(end); });
    if (i > command.name_index() && (value || path || file)) continue;
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

bool names_another_database(const Command& command) {
  const std::string text = target_of(command);
  return has_any(text,
                 {"staging", "_new", "recovery", "restored", "restore_", "scratch", "verify"}) ||
         begins_word(text, {"test"}) || has_word(text, {"temp", "tmp"});
}

bool starts_from_nothing(const Document& document, std::uint32_t section) {
  return section_says(document, section, {"region",
                                          "outage",
                                          "database loss",
                                          "cluster",
                                          "server loss",
                                          "server failure",
                                          "host failure",
                                          "server crash",
                                          "data center",
                                          "datacenter",
                                          "complete loss",
                                          "complete failure",
                                          "complete server",
                                          "site loss",
                                          "from scratch",
                                          "new server",
                                          "new host",
                                          "new machine",
                                          "new node",
                                          "hardware",
                                          "bare metal",
                                          "rebuild",
                                          "lost server",
                                          "node failure",
                                          "infrastructure loss",
                                          "ransomware",
                                          "compromised"}) ||
         section_says_word(document, section, {"total", "disk", "disks", "fresh"});
}

std::int64_t least_ms(const importers::Time& time) {
  return time.range.low_ms.value_or(time.range.high_ms.value_or(0));
}

const importers::Line* line_at(const Document& document, model::Span span) {
  const auto line = std::ranges::find(document.lines, span, &importers::Line::span);
  return line == document.lines.end() ? nullptr : &*line;
}

std::string time_text(std::int64_t ms) { return model::format_rough_ms(ms); }

std::string text_of(const Command& command) {
  std::string text = command.line();
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace backout::analyzer::documents
