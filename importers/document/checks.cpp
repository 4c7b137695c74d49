// Looks, and what stands beside them about what to expect.
#include <algorithm>
#include <set>

#include "importers/document/facts.hpp"
#include "importers/document/words.hpp"
#include "importers/shell/located.hpp"

namespace backout::importers {

namespace {

/// Whether a text says what to expect: "Expected: 200", "should return 0 rows", "must be ...".
bool expects(std::string_view text) {
  return contains_word(lower(text), "ok") ||
         contains_any(
             lower(text),
             {"expect",   "should ", "must ", "returns ",  "returns:", "erwart",  "esperad",
              "attendu",  "beklen",  "预期",  "예상",      "期待",     "ожида",   "oczekiwan",
              "verwacht", "=>",      "→",     "-> ",       "compare",  "match",   "healthy",
              "confirm",  "ensure",  " = ",   "make sure", "look for", "no rows", "0 rows",
              "deve ",    "debe ",   "deber", "doit ",     "sollte"});
}

/// Whether the sentence above a block says what its commands have to show: "Each must return 200:".
/// "Then verify that the system is healthy:" only says what they are for.
bool leads_with_answer(std::string_view lead) {
  const std::string low = lower(lead);
  std::string aims = low;
  for (const std::string_view word : {"healthy", "confirm", "ensure", "make sure"})
    aims = without(std::move(aims), word);
  if (!expects(lead) || expects(aims)) return expects(lead);
  const bool state = std::ranges::any_of(
      std::initializer_list<std::string_view>{"running", "ready", "active", "available", "all",
                                              "no", "every", "each", "both", "only", "same",
                                              "current", "empty", "zero", "up", "exist", "exists"},
      [&](std::string_view word) { return contains_word(low, word); });
  return state || low.find_first_of("0123456789\"'`=<>") != std::string::npos;
}

/// Whether a line behind a block begins with the answer that it wants: "Expected: 200", "✅ all pods
/// are Running".
bool begins_expectation(std::string_view text) {
  return begins_with_any(
      lower(text),
      {"expect",    "should",     "must",         "look for",  "result:",   "output:", "response:",
       "returns",   "you should", "you will see", "✅",         "✓",         "success", "confirm",
       "check for", "check that", "verify that",  "esperad",   "resultado", "debe",    "deve",
       "attendu",   "résultat",   "doit",         "erwart",    "ergebnis",  "sollte",  "muss",
       "beklen",    "sonuç",      "预期",         "应",        "结果",      "예상",    "기대",
       "期待",      "想定",       "ожида",        "oczekiwan", "verwacht",  "atteso",  "previsto"});
}

/// Words that say how it is when all is well: only straight below the command they are its answer.
bool begins_state(std::string_view text) {
  return begins_with_any(lower(text), {"healthy", "pass", "all ", "no ", "every "});
}

/// The line of the block's text that a byte of the file stands in; npos for none.
std::size_t line_begin(const Block& block, std::uint32_t at) {
  const auto& begins = block.content.begins;
  const auto line = std::ranges::upper_bound(begins, at) - begins.begin();
  if (line > 0 && stands_whole(block.content)) {
    // What a quote that nobody closes takes in ends behind the block.
    const std::size_t begin = begins[static_cast<std::size_t>(line) - 1] - begins[0];
    return begin <= block.content.text.size() ? begin : std::string::npos;
  }
  std::size_t begin = 0;
  for (std::ptrdiff_t i = 1; i < line && begin != std::string::npos; ++i) {
    begin = block.content.text.find('\n', begin);
    if (begin != std::string::npos) ++begin;
  }
  return line == 0 ? std::string::npos : begin;
}

/// Whether the command's line holds nothing behind it: what the reader cannot read (an unquoted
/// URL) ends it early.
bool has_parsed_to_end(const Block& block, const Command& command) {
  const std::size_t begin = line_begin(block, command.span.end);
  if (begin == std::string::npos) return true;
  const std::size_t end = std::min(block.content.text.find('\n', begin), block.content.text.size());
  return block.content.text.substr(begin, end - begin).find_first_of("()") == std::string::npos;
}

/// The comment on the line below a command that says what to expect.
std::string comment_below(const Block& block, const Command& command) {
  const std::size_t begin = line_begin(block, command.span.end);
  if (begin == std::string::npos) return {};
  const std::size_t next = block.content.text.find('\n', begin);
  if (next == std::string::npos) return {};
  const std::string line =
      trimmed(std::string_view(block.content.text)
                  .substr(next + 1, block.content.text.find('\n', next + 1) - next - 1));
  return line.starts_with('#') && expects(line) ? trimmed(std::string_view(line).substr(1))
                                                : std::string();
}

/// What stands behind the last command of a block, up to the next block: a paragraph, or an item of
/// the list that it is in.
const Line* answer_behind(const Document& document, std::uint32_t block) {
  std::size_t seen = 0;
  for (const Line& line : document.lines) {
    if (line.block_before != block || line.section != document.blocks[block].section) continue;
    if (++seen > 4) break;
    // The next numbered item is the next step, whatever it asks for.
    if (line.kind == Line::Kind::item && line.ordered) break;
    if (begins_expectation(line.text) || (seen == 1 && begins_state(line.text)) ||
        (seen == 1 && line.kind != Line::Kind::item && expects(line.text)))
      return &line;
  }
  return nullptr;
}

bool looks(const Command& command) {
  static const std::set<std::string_view> kTools = {
      "curl", "wget", "psql",   "sqlite3", "kubectl",   "docker", "systemctl", "git",
      "helm", "fly",  "flyctl", "pm2",     "redis-cli", "aws",    "gcloud",    "docker-compose"};
  return kTools.contains(command.name()) || command.known().does == "look";
}

/// Whether the line in front of a block says "Expected: ...": then it is the answer to the block
/// before.
bool answers_before(const Document& document, const Block& block) {
  return std::ranges::any_of(document.lines, [&](const Line& line) {
    return line.text == block.lead && line.section == block.section &&
           line.block_before != kNowhere && begins_expectation(line.text);
  });
}

/// By command, the next one that is not fed by it through pipes.
std::vector<std::uint32_t> followers_of(const Block& block) {
  std::vector<std::uint32_t> followers(block.script.commands.size());
  auto follower = static_cast<std::uint32_t>(followers.size());
  for (std::uint32_t c = follower; c-- > 0;) {
    followers[c] = follower;
    if (block.script.commands[c].context.pipe_position == 0) follower = c;
  }
  return followers;
}

}  // namespace

void read_checks(Document& document) {
  for (std::uint32_t b = 0; b < document.blocks.size(); ++b) {
    const Block& block = document.blocks[b];
    const bool led = !block.script.commands.empty() && leads_with_answer(block.lead) &&
                     !answers_before(document, block);
    const std::vector<std::uint32_t> followers = followers_of(block);
    for (std::uint32_t c = 0; c < block.script.commands.size() && !block.left_out; ++c) {
      const Command& command = block.script.commands[c];
      if (!looks(command) || command.context.substitution) continue;
      Check check;
      check.block = b;
      check.command = c;
      check.section = block.section;
      check.span = command.span;
      check.before = document.role(block.section) == Role::precheck;
      for (std::size_t i = 0; i < command.words.size(); ++i)
        check.text += (i > 0 ? " " : "") + command.words[i].text;
      // A comment below the command, up to the next command, says it as often as one above.
      const std::uint32_t follower = followers[c];
      const std::uint32_t next = follower < block.script.commands.size()
                                     ? block.script.commands[follower].span.begin
                                     : block.span.end;
      const auto begins_at = [](const Comment& comment) { return comment.span.begin; };
      auto comment =
          std::ranges::lower_bound(block.script.comments, command.span.end, {}, begins_at);
      for (; comment != block.script.comments.end() && comment->span.begin < next; ++comment) {
        if (!expects(comment->text)) continue;
        check.expectation = comment->text;
        check.expectation_span = comment->span;
      }
      if (check.expectation.empty() && !has_parsed_to_end(block, command))
        check.expectation = comment_below(block, command);
      if (check.expectation.empty() && expects(command.comment))
        check.expectation = command.comment;
      const bool last = follower == block.script.commands.size();
      // "Expected response from each: ..." speaks of every command of the block.
      const bool of_each =
          begins_expectation(block.after) &&
          (contains_word(lower(block.after), "each") || contains_word(lower(block.after), "all") ||
           contains_word(lower(block.after), "both"));
      if (check.expectation.empty() && (last || of_each) && expects(block.after))
        check.expectation = block.after;
      if (check.expectation.empty() && last) {
        if (const Line* line = answer_behind(document, b)) {
          check.expectation = line->text;
          check.expectation_span = line->span;
        }
      }
      if (check.expectation.empty() && block.in_sentence && expects(block.item))
        check.expectation = block.item;
      if (check.expectation.empty() && led) check.expectation = block.lead;
      document.checks.push_back(std::move(check));
    }
  }
  for (const Line& line : document.lines) {
    if (line.kind != Line::Kind::checkbox) continue;
    Check check;
    check.text = line.text;
    check.section = line.section;
    check.span = line.span;
    const Role role = document.role(line.section);
    check.before = role == Role::precheck;
    if (role == Role::verification) check.expectation = line.text;
    document.checks.push_back(std::move(check));
  }
}

}  // namespace backout::importers
