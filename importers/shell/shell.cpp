#include "importers/shell/shell.hpp"

#include <algorithm>
#include <cctype>
#include <memory>
#include <set>

#include "importers/shell/choices.hpp"
#include "importers/shell/inner.hpp"
#include "importers/shell/located.hpp"
#include "importers/shell/nodes.hpp"
#include "importers/shell/prepare.hpp"
#include "model/stack.hpp"

extern "C" const TSLanguage* tree_sitter_bash();

namespace backout::importers {

namespace {

bool is_expansion(std::string_view type) {
  return type == "simple_expansion" || type == "expansion" || type == "command_substitution" ||
         type == "process_substitution" || type == "arithmetic_expansion";
}

bool expands(TSNode node) {
  if (is_expansion(type_of(node)) || model::stack_is_low()) return true;
  return std::ranges::any_of(children_of(node), expands);
}

std::string without_quotes(std::string_view raw) {
  std::string text;
  char quote = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < raw.size()) {
      ++i;
      if (raw[i] != '\n') text += raw[i];
    } else {
      text += c;
    }
  }
  return text;
}

/// Where a walk is: what the commands below it inherit.
struct Around {
  Context context;
};

class ShellReader {
 public:
  ShellReader(const Located& source, const ShellStart& start)
      : source_(source),
        places_(source),
        prepared_(prepare_shell(source.text)),
        errexit_(start.errexit),
        pipefail_(start.pipefail) {
    script_.errexit = errexit_;
  }

  Script read() {
    script_.prompts = prepared_.prompts;
    script_.whole = source_.text.starts_with("#!");
    for (const Prepared::Piece& piece : prepared_.foreign) {
      script_.foreign.push_back({piece.language, span(piece.begin, piece.end)});
    }
    script_.segments.push_back({});
    const std::unique_ptr<TSParser, void (*)(TSParser*)> parser(ts_parser_new(), ts_parser_delete);
    ts_parser_set_language(parser.get(), tree_sitter_bash());
    const std::unique_ptr<TSTree, void (*)(TSTree*)> tree(
        ts_parser_parse_string(parser.get(), nullptr, prepared_.text.data(),
                               static_cast<std::uint32_t>(prepared_.text.size())),
        ts_tree_delete);
    script_.torn = ts_node_has_error(ts_tree_root_node(tree.get()));
    statements(ts_tree_root_node(tree.get()), {});
    script_.arms = arms_of(ts_tree_root_node(tree.get()), source_.text,
                           [this](std::size_t begin, std::size_t end) { return span(begin, end); });
    settle_functions();
    expand_inner(script_, source_, places_);
    attach_comments();
    return std::move(script_);
  }

 private:
  std::string original(TSNode node) const {
    return source_.text.substr(begin_of(node), end_of(node) - begin_of(node));
  }
  model::Span span_of(TSNode node) const { return span(begin_of(node), end_of(node)); }

  model::Span span(std::size_t begin, std::size_t end) const { return places_.span(begin, end); }

  void statements(TSNode node, const Context& around) { statements(children_of(node), around); }

  void statements(const std::vector<TSNode>& nodes, const Context& around) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::size_t first = script_.commands.size();
      walk(nodes[i], around);
      if (!ts_node_is_named(nodes[i]) || type_of(nodes[i]) == "comment") continue;
      std::size_t next = i + 1;
      while (next < nodes.size() &&
             (!ts_node_is_named(nodes[next]) || type_of(nodes[next]) == "comment")) {
        if (type_of(nodes[next]) == "&")
          mark(first, [](Context& context) { context.background = true; });
        ++next;
      }
      if (next >= nodes.size()) continue;
      const std::string_view text =
          std::string_view(source_.text)
              .substr(begin_of(nodes[next]), end_of(nodes[next]) - begin_of(nodes[next]));
      if (text.substr(0, text.find('\n')).find("$?") == std::string::npos) continue;
      mark(first, [](Context& context) { context.status_tested = true; });
    }
  }

  template <typename Change>
  void mark(std::size_t first, Change change) {
    for (std::size_t i = first; i < script_.commands.size(); ++i)
      change(script_.commands[i].context);
  }

  void walk(TSNode node, const Context& around) {
    // What nests deeper is left out, and said to be.
    if (model::stack_is_low()) return script_.foreign.push_back({Language::other, span_of(node)});
    const std::string_view type = type_of(node);
    if (type == "comment") return comment(node);
    if (type == "command") return command(node, around);
    if (type == "list") return list(node, around);
    if (type == "pipeline") return pipeline(node, around);
    if (type == "redirected_statement") return redirected(node, around);
    if (type == "if_statement" || type == "elif_clause" || type == "else_clause")
      return branch(node, around);
    if (type == "while_statement" || type == "for_statement" || type == "c_style_for_statement")
      return loop(node, around);
    if (type == "function_definition") return function(node, around);
    if (type == "variable_assignment") return assignment(node, around);
    if (type == "test_command") return test(node, around);
    if (type == "simple_expansion" || type == "expansion") return use(node, around);
    if (type == "heredoc_body" || type == "raw_string") return;
    Context inner = around;
    if (type == "negated_command") inner.condition = true;
    if (type == "case_item") ++inner.branches;
    if (type == "command_substitution" || type == "process_substitution") {
      inner.substitution = true;
      inner.condition = inner.status_tested = inner.and_then = inner.or_else = false;
      inner.pipe_position = 0;
      inner.pipe_length = 1;
    }
    statements(node, inner);
  }

  void comment(TSNode node) {
    const std::size_t begin = begin_of(node);
    std::string text = original(node);
    text.erase(0, std::min(text.find_first_not_of("# \t"), text.size()));
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
      text.pop_back();
    const std::size_t line = prepared_.text.rfind('\n', begin == 0 ? 0 : begin - 1);
    const std::size_t start = begin == 0 ? 0 : line == std::string::npos ? 0 : line + 1;
    const bool alone = prepared_.text.find_first_not_of(" \t", start) == begin;
    script_.comments.push_back({text, span_of(node), alone});
  }

  /// `"$PSQL" -d shop` where `PSQL="$BIN/psql"` stands above: the tool by its name.
  void name_tool(Word& first) const {
    std::string_view name = first.text;
    if (name.size() < 3 || name[0] != '$') return;
    name.remove_prefix(1);
    if (name.starts_with('{') && name.ends_with('}')) name = name.substr(1, name.size() - 2);
    std::string tool;
    for (const Assignment& each : script_.assignments) {
      if (each.name != name) continue;
      std::string_view value = each.value;
      // `${PSQL:-/usr/bin/psql}` as a whole.
      const std::size_t given = value.find(":-");
      if (value.starts_with("${") && value.ends_with('}') && given != value.npos)
        value = value.substr(given + 2, value.size() - given - 3);
      const std::size_t slash = value.rfind('/');
      if (slash != value.npos) value.remove_prefix(slash + 1);
      const bool plain = !value.empty() && std::ranges::all_of(value, [](unsigned char c) {
        return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '-' || c == '.';
      });
      if (!plain || (!tool.empty() && tool != value)) return;
      tool = value;
    }
    if (!tool.empty()) first.text = tool;
  }

  void command(TSNode node, const Context& around) {
    const std::size_t index = script_.commands.size();
    script_.commands.emplace_back();
    Command built;
    built.context = around;
    built.context.errexit = errexit_;
    built.context.pipefail = pipefail_;
    built.span = span_of(node);
    std::vector<TSNode> inner;
    for (const TSNode child : children_of(node)) {
      const std::string_view type = type_of(child);
      if (type == "variable_assignment") {
        built.environment.push_back(original(child));
        inner.push_back(child);
      } else if (type == "file_redirect" || type == "herestring_redirect") {
        built.redirects.push_back(redirect(child));
      } else if (ts_node_is_named(child)) {
        built.words.push_back(word(child));
        inner.push_back(child);
      }
    }
    if (!built.words.empty()) name_tool(built.words[0]);
    settings(built);
    // The grammar takes the end of what nobody began for a command.
    static constexpr std::string_view kEnds[] = {"fi",   "done", "esac", "then",
                                                 "else", "elif", "do"};
    if (!built.words.empty() && !built.words[0].quoted &&
        std::ranges::find(kEnds, built.words[0].text) != std::end(kEnds))
      script_.torn = true;
    script_.commands[index] = std::move(built);
    Context nested;
    nested.errexit = errexit_;
    nested.function = around.function;
    nested.loops = around.loops;
    nested.branches = around.branches;
    for (const TSNode child : inner) walk(child, nested);
  }

  Word word(TSNode node) const {
    const std::string raw = original(node);
    Word built{without_quotes(raw), span_of(node), !expands(node), false, is_placeholder(raw)};
    built.quoted =
        raw.size() > 1 && (raw.front() == '"' || raw.front() == '\'') && raw.back() == raw.front();
    return built;
  }

  Redirect redirect(TSNode node) const {
    Redirect built{"", "", "", span_of(node)};
    for (const TSNode child : children_of(node)) {
      if (!ts_node_is_named(child)) {
        built.op += original(child);
      } else if (type_of(child) == "file_descriptor") {
        built.op = original(child) + built.op;
      } else {
        built.target = without_quotes(original(child));
      }
    }
    return built;
  }

  /// `set -euo pipefail` and the like, at the top and not in a function.
  void settings(const Command& built) {
    if (built.words.empty() || built.words[0].text != "set" || !built.context.function.empty())
      return;
    for (std::size_t i = 1; i < built.words.size(); ++i) {
      const std::string& text = built.words[i].text;
      const bool option = text.size() > 1 && (text[0] == '-' || text[0] == '+');
      if (option && text.find('e') != std::string::npos) errexit_ = text[0] == '-';
      if (text == "errexit") errexit_ = built.words[i - 1].text[0] == '-';
      if (text == "pipefail") pipefail_ = built.words[i - 1].text[0] == '-';
    }
    script_.errexit = script_.errexit || errexit_;
  }

  void list(TSNode node, const Context& around) {
    const std::vector<TSNode> parts = children_of(node);
    const std::size_t first = script_.commands.size();
    std::string op;
    for (const TSNode part : parts) {
      const std::string_view type = type_of(part);
      if (type == "&&" || type == "||") {
        op = type;
        continue;
      }
      if (!ts_node_is_named(part)) continue;
      const std::size_t begin = script_.commands.size();
      Context inner = around;
      inner.after_and = op == "&&";
      inner.after_or = op == "||";
      walk(part, inner);
      if (op == "&&") mark_range(first, begin, [](Context& context) { context.and_then = true; });
      if (op == "||") fallback(first, begin);
    }
  }

  template <typename Change>
  void mark_range(std::size_t first, std::size_t end, Change change) {
    for (std::size_t i = first; i < end; ++i) {
      if (!script_.commands[i].context.substitution) change(script_.commands[i].context);
    }
  }

  void fallback(std::size_t first, std::size_t begin) {
    static const std::set<std::string_view> kStops = {
        "exit", "return", "false", "die", "fail", "abort", "bail", "error_exit", "fatal", "break"};
    static const std::set<std::string_view> kSays = {
        "true",     ":",           "echo",     "printf",    "log",     "warn",
        "log_warn", "log_warning", "log_info", "log_error", "warning", "info"};
    bool stops = false;
    bool hides = begin < script_.commands.size();
    for (std::size_t i = begin; i < script_.commands.size(); ++i) {
      stops = stops || kStops.contains(script_.commands[i].name());
      hides = hides && (kSays.contains(script_.commands[i].name()) ||
                        script_.commands[i].context.substitution);
    }
    mark_range(first, begin, [&](Context& context) {
      context.or_else = true;
      context.or_else_stops = stops;
      context.or_else_hides = hides && !stops;
    });
  }

  void pipeline(TSNode node, const Context& around) {
    std::vector<TSNode> parts;
    for (const TSNode child : children_of(node)) {
      if (ts_node_is_named(child) && type_of(child) != "comment") parts.push_back(child);
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Context inner = around;
      inner.pipe_position = static_cast<std::uint32_t>(i);
      inner.pipe_length = static_cast<std::uint32_t>(parts.size());
      walk(parts[i], inner);
    }
  }

  void redirected(TSNode node, const Context& around) {
    std::size_t last = script_.commands.size();
    const std::size_t first = last;
    for (const TSNode child : children_of(node)) {
      const std::string_view type = type_of(child);
      if (type == "file_redirect" || type == "herestring_redirect") {
        if (last > first) owner(first, last).redirects.push_back(redirect(child));
      } else if (type == "heredoc_redirect") {
        here_document(child, around, first, last);
      } else {
        walk(child, around);
        last = script_.commands.size();
      }
    }
  }

  /// The command that a redirect behind [first, last) belongs to: the last one that is not inside a
  /// substitution.
  Command& owner(std::size_t first, std::size_t last) {
    std::size_t at = last - 1;
    while (at > first && script_.commands[at].context.substitution) --at;
    return script_.commands[at];
  }

  void here_document(TSNode node, const Context& around, std::size_t first, std::size_t last) {
    Redirect built{"<<", "", "", span_of(node)};
    for (const TSNode child : children_of(node)) {
      const std::string_view type = type_of(child);
      if (type == "heredoc_body") {
        built.heredoc = original(child);
        built.span = span_of(child);
      } else if (type == "file_redirect" && last > first) {
        owner(first, last).redirects.push_back(redirect(child));
      } else if (ts_node_is_named(child) && type != "heredoc_start" && type != "heredoc_end") {
        Context inner = around;
        inner.pipe_position = type == "pipeline" ? 1 : 0;
        inner.pipe_length = type == "pipeline" ? 2 : 1;
        walk(child, inner);
      }
    }
    if (last > first) owner(first, last).redirects.push_back(std::move(built));
  }

  /// Whether a command of a branch tells somebody something and changes nothing of the run.
  static bool only_says(const Command& command) {
    std::string name(command.name());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    static const std::set<std::string_view> kLooks = {
        "docker-compose", "kubectl", "docker", "curl", "cat", "tail", "date", "ls"};
    const bool looks = kLooks.contains(command.name()) && command.known().does == "look";
    const bool named = name.starts_with("log") || name.starts_with("print") ||
                       name.starts_with("warn") || name == "info" || name == "success" ||
                       name == "error" || name.starts_with("echo");
    return looks || named || command.context.substitution || command.context.condition;
  }

  /// An `if` that only says what it found.
  void verdict(TSNode node, const Context& around, std::size_t first) {
    const std::string text = original(node);
    const std::size_t then = text.find("then");
    if (then == std::string::npos) return;
    std::size_t body = 0;
    for (std::size_t i = first; i < script_.commands.size(); ++i) {
      if (!only_says(script_.commands[i])) return;
      if (script_.commands[i].context.branches > around.branches) ++body;
    }
    // A count, or a flag that is looked at later.
    if (body == 0 || text.find("((", then) != std::string::npos ||
        text.find("+=", then) != std::string::npos)
      return;
    for (const Assignment& each : script_.assignments) {
      if (each.span.begin >= span_of(node).begin + then && each.span.end <= span_of(node).end)
        return;
    }
    const std::size_t begin = begin_of(node);
    script_.verdicts.push_back({text.substr(0, then), text.substr(then), around.function,
                                span(begin, begin + text.find_first_of(";\n"))});
  }

  void branch(TSNode node, const Context& around) {
    const std::size_t first = script_.commands.size();
    branches(node, around);
    if (type_of(node) == "if_statement") verdict(node, around, first);
  }

  void branches(TSNode node, const Context& around) {
    Context inner = around;
    const bool is_else = type_of(node) == "else_clause";
    inner.condition = !is_else;
    if (is_else) ++inner.branches;
    std::vector<TSNode> part;
    for (const TSNode child : children_of(node)) {
      if (type_of(child) == "then") {
        statements(part, inner);
        part.clear();
        inner = around;
        ++inner.branches;
      } else if (type_of(child) == "elif_clause" || type_of(child) == "else_clause") {
        statements(part, inner);
        part.clear();
        walk(child, around);
      } else {
        part.push_back(child);
      }
    }
    statements(part, inner);
  }

  void loop(TSNode node, const Context& around) {
    for (const TSNode child : children_of(node)) {
      Context inner = around;
      if (type_of(child) == "do_group" || type_of(child) == "compound_statement") {
        ++inner.loops;
        statements(child, inner);
      } else if (ts_node_is_named(child)) {
        inner.condition = type_of(node) == "while_statement";
        if (inner.condition) ++inner.loops;
        walk(child, inner);
      }
    }
  }

  void function(TSNode node, const Context& around) {
    const TSNode name = ts_node_child_by_field_name(node, "name", 4);
    const TSNode body = ts_node_child_by_field_name(node, "body", 4);
    if (ts_node_is_null(name) || ts_node_is_null(body)) return statements(node, around);
    script_.functions.push_back(original(name));
    Context inner;
    inner.function = script_.functions.back();
    statements(body, inner);
  }

  void assignment(TSNode node, const Context& around) {
    const TSNode name = ts_node_child_by_field_name(node, "name", 4);
    const TSNode value = ts_node_child_by_field_name(node, "value", 5);
    if (ts_node_is_null(name)) return;
    Assignment built{original(name), "", true, span_of(node)};
    const std::size_t first = script_.commands.size();
    if (!ts_node_is_null(value)) {
      built.value = without_quotes(original(value));
      built.literal = !expands(value);
      walk(value, around);
    }
    mark(first, [&](Context& context) { context.assigns = built.name; });
    script_.assignments.push_back(std::move(built));
  }

  void test(TSNode node, const Context& around) {
    const std::string text = original(node);
    for (const std::string_view op : {"-gt", "-lt", "-ge", "-le", "-eq", "-ne"}) {
      if (text.find(" " + std::string(op) + " ") == std::string::npos) continue;
      Comparison found{{}, text.starts_with("[["), span_of(node)};
      names_in(node, found.names);
      if (!found.names.empty()) script_.comparisons.push_back(std::move(found));
      break;
    }
    Context inner = around;
    inner.condition = true;
    statements(node, inner);
  }

  void names_in(TSNode node, std::vector<std::string>& names) const {
    if (type_of(node) == "command_substitution" || model::stack_is_low()) return;
    if (type_of(node) == "variable_name") names.push_back(original(node));
    for (const TSNode child : children_of(node)) names_in(child, names);
  }

  void use(TSNode node, const Context& around) {
    for (const TSNode child : children_of(node)) {
      const bool expression = prepared_.text[begin_of(child)] !=
                              source_.text[begin_of(child)];  // `${{ ... }}` of a workflow
      if (type_of(child) == "variable_name" && !expression)
        script_.uses.push_back({original(child), span_of(child)});
      if (ts_node_is_named(child) && type_of(child) != "variable_name") walk(child, around);
    }
  }

  /// A function runs when it is called: after the settings at the top.
  void settle_functions() {
    for (Command& each : script_.commands) {
      if (!each.context.function.empty()) each.context.errexit = script_.errexit;
    }
  }

  static Segment::Kind kind_of(std::string_view text) {
    std::string low(text);
    for (char& c : low) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const std::string_view word :
         {"or ",       "or:",         "or,",      "alternatively", "option ", "alternative",
          "if using ", "if you use ", "or using", "method ",       "oder ",   "ou ",
          "o bien",    "veya ",       "方法",     "方案",          "选项",    "或者",
          "또는",      "または",      "или ",     "lub ",          "opción ", "opção ",
          "método ",   "méthode ",    "variante "}) {
      if (low.starts_with(word)) return Segment::Kind::alternative;
    }
    for (const std::string_view word :
         {"or", "ou", "oder", "o", "veya", "example", "example:", "e.g.", "e.g.:"}) {
      if (low == word) return Segment::Kind::alternative;
    }
    if (low.starts_with("step ") || low.starts_with("phase ")) return Segment::Kind::step;
    const std::size_t digits = low.find_first_not_of("0123456789");
    const bool number =
        digits > 0 && digits < low.size() && (low[digits] == '.' || low[digits] == ')');
    return number ? Segment::Kind::step : Segment::Kind::plain;
  }

  void attach_comments() {
    std::ranges::stable_sort(script_.comments, {},
                             [](const Comment& comment) { return comment.span.begin; });
    for (const Comment& comment : script_.comments) {
      if (comment.alone)
        script_.segments.push_back({kind_of(comment.text), comment.text, comment.span});
    }
    const auto first = script_.segments.begin() + 1;
    for (Command& each : script_.commands) {
      const auto before = [&](const Segment& segment) {
        return segment.span.begin < each.span.begin;
      };
      each.segment = static_cast<std::uint32_t>(
          std::partition_point(first, script_.segments.end(), before) - first);
      attach(each);
    }
  }

  /// The comment lines straight above the command and the one behind it.
  void attach(Command& command) {
    const auto line_of = [&](std::uint32_t at) {
      return std::ranges::upper_bound(source_.begins, at) - source_.begins.begin();
    };
    const auto first = line_of(command.span.begin);
    const auto last = line_of(command.span.end);
    auto expected = first - 1;
    const auto not_below = [&](const Comment& comment) {
      return line_of(comment.span.begin) <= last;
    };
    auto it = std::make_reverse_iterator(
        std::partition_point(script_.comments.begin(), script_.comments.end(), not_below));
    for (; it != script_.comments.rend(); ++it) {
      const auto line = line_of(it->span.begin);
      if (line < expected) break;
      const bool behind = !it->alone && line == last && it->span.begin >= command.span.end;
      const bool above = it->alone && line == expected && line < first;
      if (!behind && !above) continue;
      if (above) --expected;
      command.comment = command.comment.empty() ? it->text : it->text + "\n" + command.comment;
      command.comment_span = it->span;
    }
  }

  const Located& source_;
  PlacesOf places_;
  Prepared prepared_;
  Script script_;
  bool errexit_ = false;
  bool pipefail_ = false;
};

}  // namespace

std::optional<model::Span> left_out(const Script& script) {
  const auto part = std::ranges::find(script.foreign, Language::other, &Foreign::language);
  return part == script.foreign.end() ? std::nullopt : std::optional(part->span);
}

Script read_shell(const Located& text, const ShellStart& start) {
  return ShellReader(text, start).read();
}

}  // namespace backout::importers
