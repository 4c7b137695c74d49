// What a text is, whatever its fence says.
#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>

#include "catalogue/catalogue.hpp"
#include "importers/characters.hpp"
#include "importers/shell/prepare.hpp"

namespace backout::importers {

namespace {

/// Whether the catalogue has a file for it. A few names are words of a text as well.
bool is_tool_of_catalogue(std::string_view word) {
  static const std::set<std::string_view> kWords = {"read",   "test", "make",   "service", "watch",
                                                    "source", "exit", "sort",   "top",     "render",
                                                    "less",   "env",  "migrate"};
  if (kWords.contains(word) || word.empty() || word.size() > 20) return false;
  const std::array<std::string, 1> line = {std::string(word)};
  return catalogue::look_up(line).existence != catalogue::Existence::unknown_tool;
}

std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find_first_of(" \t;|("));
}

Language of_fence(std::string_view fence) {
  static const std::set<std::string_view> kShell = {
      "bash",          "sh",          "shell", "zsh",  "console",      "terminal",
      "shell-session", "shellscript", "ksh",   "fish", "bash-session", "sh-session"};
  static const std::set<std::string_view> kSql = {"sql",   "postgresql", "psql",  "mysql",
                                                  "plsql", "pgsql",      "sqlite"};
  static const std::set<std::string_view> kScript = {"js",  "javascript", "ts",  "typescript",
                                                     "jsx", "tsx",        "node"};
  if (kShell.contains(fence)) return Language::shell;
  if (kSql.contains(fence)) return Language::sql;
  if (fence == "python" || fence == "py" || fence == "python3") return Language::python;
  if (kScript.contains(fence)) return Language::javascript;
  if (fence == "json" || fence == "jsonc" || fence == "json5") return Language::json;
  if (fence == "yaml" || fence == "yml") return Language::yaml;
  if (fence == "powershell" || fence == "ps1" || fence == "pwsh" || fence == "ps")
    return Language::powershell;
  if (fence == "cmd" || fence == "bat" || fence == "batch" || fence == "dos") return Language::cmd;
  if (fence == "markdown" || fence == "md" || fence == "mermaid") return Language::prose;
  if (fence.empty() || fence == "text" || fence == "txt" || fence == "plaintext" ||
      fence == "plain")
    return Language::prose;
  return Language::other;
}

bool is_assignment(std::string_view line) {
  const std::size_t at = line.find('=');
  if (at == 0 || at == std::string_view::npos) return false;
  return std::ranges::all_of(line.substr(0, at), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

bool is_shell_line(std::string_view line) {
  static const std::set<std::string_view> kGlue = {
      "if", "for",  "while", "case",     "set",  "export", "cd",     "then", "fi",
      "do", "done", "else",  "function", "read", "exit",   "return", "local"};
  if (line.starts_with("$ ") || line.starts_with("./") || line.starts_with("#!")) return true;
  const std::string_view word = first_word(line);
  return kGlue.contains(word) || is_known_tool(word) ||
         (is_assignment(line) && line.find(' ') == std::string_view::npos);
}

bool is_python_line(std::string_view line) {
  return (line.starts_with("import ") && line.find(';') == std::string_view::npos) ||
         (line.starts_with("from ") && line.find(" import ") != std::string_view::npos) ||
         (line.starts_with("def ") && line.ends_with(':')) || line.starts_with("print(") ||
         (line.starts_with("class ") && line.ends_with(':'));
}

struct Counts {
  std::size_t shell = 0;
  std::size_t sql = 0;
  std::size_t python = 0;
  std::size_t url = 0;
  std::size_t other = 0;
};

Counts count_lines(std::string_view text) {
  Counts counts;
  bool in_sql = false;
  for (const TextLine& at : text_lines(text)) {
    const std::string_view line = trim(text.substr(at.begin, at.end - at.begin));
    if (line.empty()) in_sql = false;
    if (line.empty() || line.starts_with('#') || line.starts_with("--") || !at.top) continue;
    if (begins_sql(line) || in_sql) {
      ++counts.sql;
      in_sql = !line.ends_with(';');
    } else if (is_shell_line(line)) {
      ++counts.shell;
    } else if (is_python_line(line)) {
      ++counts.python;
    } else if (line.starts_with("http://") || line.starts_with("https://")) {
      ++counts.url;
    } else {
      ++counts.other;
    }
  }
  return counts;
}

/// The line without what is to be filled in: `docker restart <service>`.
std::string without_open_words(std::string_view line) {
  std::string rest;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::size_t end = line.find_first_of("<>", i + 1);
    const bool open = line[i] == '<' && i + 1 < line.size() &&
                      std::isalpha(static_cast<unsigned char>(line[i + 1])) != 0 &&
                      end < line.size() && line[end] == '>';
    if (open)
      i = end;
    else
      rest += line[i];
  }
  return rest;
}

/// Whether a text for PowerShell or cmd holds programs and their words only, which every shell runs
/// alike. `curl`, `rm` and others are something else there.
bool is_same_everywhere(std::string_view text) {
  static const std::set<std::string_view> kOthers = {
      "curl", "wget", "cat",  "ls",  "cp",    "mv",   "rm",   "sort",  "sleep", "kill", "diff",
      "tee",  "ps",   "find", "set", "mkdir", "echo", "date", "start", "copy",  "del",  "type"};
  bool any = false;
  for (const TextLine& at : text_lines(text)) {
    const std::string_view line = trim(text.substr(at.begin, at.end - at.begin));
    if (line.empty() || line.starts_with('#')) continue;
    const std::string_view word = first_word(line);
    if (without_open_words(line).find_first_of("$%`{}|;@^<>&\"'") != std::string_view::npos ||
        (word != "cd" && (kOthers.contains(word) || !is_known_tool(word))))
      return false;
    any = true;
  }
  return any;
}

}  // namespace

const char* to_string(Language language) {
  static constexpr std::array<const char*, 13> kNames = {
      "shell",      "SQL", "Python", "JavaScript", "JSON",  "YAML", "a URL",
      "PowerShell", "cmd", "prose",  "output",     "other", "empty"};
  return kNames[static_cast<std::size_t>(language)];
}

Language language_of(std::string_view text, std::string_view fence) {
  const Language stated = of_fence(fence);
  const Counts counts = count_lines(text);
  const std::size_t lines = counts.shell + counts.sql + counts.python + counts.url + counts.other;
  if (lines == 0)
    return stated == Language::shell || stated == Language::prose ? Language::empty : stated;
  if ((stated == Language::powershell || stated == Language::cmd) && is_same_everywhere(text))
    return Language::shell;
  if (stated == Language::shell) {
    if (counts.shell == 0 && counts.sql > counts.other) return Language::sql;
    if (counts.shell == 0 && counts.python > 0) return Language::python;
    if (counts.url == lines) return Language::url;
    return Language::shell;
  }
  if (stated == Language::prose && fence != "markdown" && fence != "md" && fence != "mermaid") {
    if (counts.url == lines) return Language::url;
    if (counts.sql > 0 && counts.sql >= counts.other + counts.shell) return Language::sql;
    if (counts.shell > 0 && counts.shell >= counts.other) return Language::shell;
  }
  return stated;
}

bool is_known_tool(std::string_view word) {
  // Tools that the catalogue has no file for.
  static const std::set<std::string_view> kTools = {"ansible", "cargo",  "composer", "date", "eb",
                                                    "go",      "gsutil", "istioctl", "java", "mvn",
                                                    "php",     "s3cmd",  "uvicorn"};
  return kTools.contains(word) || is_tool_of_catalogue(word);
}

bool is_placeholder(std::string_view word) {
  const std::size_t open = word.find('<');
  if (open != std::string_view::npos && open + 1 < word.size() &&
      word.find('>', open) != std::string_view::npos && (open == 0 || word[open - 1] != '<') &&
      std::isalpha(static_cast<unsigned char>(word[open + 1])) != 0) {
    return true;
  }
  // Commits that stand in every example.
  static const std::set<std::string_view> kExamples = {"abc123",  "abc1234", "abcdef1", "abcd1234",
                                                       "a1b2c3d", "1a2b3c4", "def5678", "def456",
                                                       "1234567", "deadbeef"};
  if (kExamples.contains(word)) return true;
  for (const std::string_view mark :
       {"YOUR_", "your-", "YYYY", "[your", "REPLACE_ME", "CHANGEME", "HHMMSS", "xxxx", "XXXX"}) {
    if (word.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace backout::importers
