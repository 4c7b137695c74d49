#include "importers/shell/inner.hpp"

#include <algorithm>
#include <cctype>

namespace backout::importers {

namespace {

/// A shell in a shell in a shell is as deep as anybody writes; what nests deeper is read again at
/// each level.
constexpr int kDeep = 4;
thread_local int depth = 0;

/// What a shell takes away before another one reads its text. That a backslash at the end of a line
/// joins lines, both know.
enum class Quoting { none, single, twice, document };

bool is_escape(Quoting quoting, char next) {
  const std::string_view taken = quoting == Quoting::twice      ? "\"\\$`"
                                 : quoting == Quoting::document ? "\\$`"
                                                                : "";
  return taken.find(next) != std::string_view::npos;
}

/// The bytes [begin, end) of a text, without the backslashes that are taken away, each at its place
/// in the file.
Located part_of(const Located& source, const PlacesOf& places, std::size_t begin, std::size_t end,
                Quoting quoting) {
  Located made{"", source.file, {}, source.limit, {}};
  bool starts = true;
  for (std::size_t i = begin; i < end; ++i) {
    if (source.text[i] == '\\' && i + 1 < end && is_escape(quoting, source.text[i + 1])) ++i;
    const std::uint32_t place = places.at(i);
    if (starts) made.begins.push_back(place);
    made.text += source.text[i];
    made.places.push_back(place);
    starts = source.text[i] == '\n';
  }
  if (made.begins.empty()) made.begins.push_back(places.at(begin));
  made.places.push_back(places.at(end));
  return made;
}

/// The list of a request, `commands=["cd /srv","make"]`, as lines.
void read_list(Located& text) {
  constexpr std::string_view kKey = "commands=";
  const std::size_t key = text.text.find(kKey);
  if (key == std::string::npos) return text.text.clear();
  text.text.replace(0, key + kKey.size(), key + kKey.size(), ' ');
  const std::size_t open = text.text.find_first_not_of(' ');
  if (open == std::string::npos || text.text[open] != '[') return;
  bool inside = false;
  for (std::size_t i = open; i < text.text.size(); ++i) {
    char& c = text.text[i];
    const char before = i == 0 ? ' ' : text.text[i - 1];
    if (c == '"' && before == '\\') {
      text.text[i - 1] = ' ';
    } else if (c == '"') {
      inside = !inside;
      c = ' ';
    } else if (!inside) {
      c = c == ',' ? ';' : ' ';
    }
  }
}

/// The words [first, last] of a command as the text that a shell gets: what stands between quotes,
/// or the words as they are.
Located words_of(const Located& source, const PlacesOf& places, const Word& first, const Word& last,
                 std::size_t skipped) {
  const std::size_t begin = places.offset_of(first.span.begin);
  const std::size_t end = places.offset_of(last.span.end);
  if (begin == std::string::npos || end == std::string::npos || end <= begin) return {};
  const std::string_view raw = std::string_view(source.text).substr(begin, end - begin);
  const std::size_t open = raw.find_first_of("\"'");
  if (open == std::string_view::npos)
    return part_of(source, places, begin + std::min(skipped, raw.size()), end, Quoting::none);
  const bool whole =
      &first == &last && open <= skipped && raw.size() > open + 1 && raw.back() == raw[open];
  if (!whole)
    return &first == &last ? Located{} : part_of(source, places, begin, end, Quoting::none);
  const bool single = raw[open] == '\'';
  if (single && raw.substr(open + 1, raw.size() - open - 2).find('\'') != std::string_view::npos)
    return {};
  const std::size_t inner = std::max(open + 1, skipped + (open == 0 ? 1 : 0));
  return part_of(source, places, begin + inner, end - 1, single ? Quoting::single : Quoting::twice);
}

const Redirect* document_of(const Command& command) {
  const auto fed = std::ranges::find_if(command.redirects, [](const Redirect& each) {
    return each.op == "<<" && !each.heredoc.empty();
  });
  return fed == command.redirects.end() ? nullptr : &*fed;
}

/// The options of the shell that reads the text: `bash -euo pipefail -c`.
ShellStart start_of(const Command& command, std::size_t end) {
  ShellStart start;
  const catalogue::Known& known = command.known();
  const std::size_t before = command.environment.size();
  for (std::size_t i = static_cast<std::size_t>(known.word) + 1;
       i < end + before && i - before < command.words.size(); ++i) {
    const std::string& word = command.words[i - before].text;
    const bool letters = word.size() > 1 && word[0] == '-' && word[1] != '-';
    if (letters && known.tool != "ssh" && word.find('e') != std::string::npos) start.errexit = true;
    if (word == "pipefail") start.pipefail = true;
  }
  return start;
}

/// The command whose exit status is that of all the text: the last one of the outermost level.
Command* last_of(std::vector<Command>& commands) {
  const auto found = std::find_if(commands.rbegin(), commands.rend(), [](const Command& each) {
    return !each.context.substitution && each.context.function.empty() &&
           each.context.branches == 0 && each.context.loops == 0;
  });
  return found == commands.rend() ? nullptr : &*found;
}

void look_at_as_outer(const Context& from, Context& to) {
  to.condition |= from.condition;
  to.status_tested |= from.status_tested;
  to.or_else |= from.or_else;
  to.or_else_stops |= from.or_else_stops;
  to.or_else_hides |= from.or_else_hides;
}

/// What becomes of the status of the command around it becomes of that of the last command in it,
/// and of those that `&&` joins to it.
void pass_status_on(const Command& outer, std::vector<Command>& commands, Command& last) {
  const Context& from = outer.context;
  Context& to = last.context;
  look_at_as_outer(from, to);
  for (Command* each = &last;
       each > commands.data() && (each - 1)->context.and_then && each->context.after_and;)
    look_at_as_outer(from, (--each)->context);
  to.and_then |= from.and_then;
  // Its own `set -e` ends nothing any more.
  to.errexit = from.errexit;
  if (to.assigns.empty()) to.assigns = from.assigns;
  if (to.pipe_length > 1 || from.pipe_length <= 1) return;
  to.pipe_position = from.pipe_position;
  to.pipe_length = from.pipe_length;
  to.pipefail = from.pipefail;
}

class Expander {
 public:
  Expander(Script& script, const Located& source, const PlacesOf& places)
      : script_(script), source_(source), places_(places) {
    for (const Arm& arm : script.arms) choices_ = std::max(choices_, arm.choice + 1);
  }

  void run() {
    if (depth >= kDeep) return;
    ++depth;
    std::vector<Command> all;
    for (Command& command : script_.commands) add(all, std::move(command));
    script_.commands = std::move(all);
    --depth;
  }

 private:
  void add(std::vector<Command>& all, Command command) {
    if (command.words.empty()) return all.push_back(std::move(command));
    Located text;
    ShellStart start;
    const Redirect* fed = document_of(command);
    if (!find_text(command, text, start, fed)) return all.push_back(std::move(command));
    Script inner = read_shell(text, start);
    if (inner.commands.empty()) return all.push_back(std::move(command));
    settle(command, inner, fed);
    command.tell();
    all.push_back(std::move(command));
    for (Command& each : inner.commands) {
      const bool reads = document_of(each) != nullptr && !each.told();
      if (reads)
        add(all, std::move(each));
      else
        all.push_back(std::move(each));
    }
  }

  /// The shell text that the command runs; false when it runs none. `fed` is left where the input
  /// is for what it runs.
  bool find_text(const Command& command, Located& text, ShellStart& start,
                 const Redirect*& fed) const {
    if (!may_run_text(command)) return false;
    const catalogue::Known& known = command.known();
    const std::size_t before = command.environment.size();
    if (known.script_word >= static_cast<int>(before) && !known.script.empty()) {
      const std::size_t at = static_cast<std::size_t>(known.script_word) - before;
      if (at >= command.words.size() || known.does == "look") return false;
      const bool one = known.script == command.words[at].text.substr(std::min(
                                           known.script_begin, command.words[at].text.size()));
      text = words_of(source_, places_, command.words[at],
                      one ? command.words[at] : command.words.back(), known.script_begin);
      if (known.script.find("commands=") != std::string::npos && known.tool == "aws")
        read_list(text);
      start = start_of(command, at);
      return is_text(text.text);
    }
    if (fed == nullptr || !known.reads_script) return false;
    const std::size_t begin = places_.offset_of(fed->span.begin);
    const std::size_t end = places_.offset_of(fed->span.end);
    if (begin == std::string::npos || end == std::string::npos || end <= begin) return false;
    text = part_of(source_, places_, begin, end, Quoting::document);
    start = start_of(command, command.words.size());
    fed = nullptr;
    return true;
  }

  /// Nothing is looked up of a command that has neither a word with blanks, nor more than a few
  /// words, nor an input.
  static bool may_run_text(const Command& command) {
    if (document_of(command) != nullptr) return true;
    return std::ranges::any_of(command.words, [](const Word& word) {
      return word.text == "ssh" || word.text.ends_with("/ssh") ||
             (word.quoted && word.text.find(' ') != std::string::npos) ||
             word.text.find("commands=") != std::string::npos ||
             (word.text.starts_with("--") && word.text.find(' ') != std::string::npos);
    });
  }

  /// A lone variable or substitution says nothing.
  static bool is_text(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return false;
    return text[first] != '$' || text.find_first_of(" \t\n;", first) != std::string_view::npos;
  }

  void settle(const Command& outer, Script& inner, const Redirect* fed) {
    const catalogue::Known& known = outer.known();
    const bool elsewhere = outer.context.elsewhere || known.where == "remote";
    // `docker run -d`, `aws ssm send-command`: it returns before the text has run.
    const bool behind =
        known.find(catalogue::Trap::Kind::delayed) != nullptr || outer.context.background;
    const bool hides = known.find(catalogue::Trap::Kind::hides_failure) != nullptr || behind;
    std::vector<Command>& commands = inner.commands;
    Command* last = last_of(commands);
    const bool bounded = outer.is_bounded();
    for (Command& each : commands) {
      Context& context = each.context;
      if (context.function.empty()) context.function = outer.context.function;
      context.loops += outer.context.loops;
      context.branches += outer.context.branches;
      context.substitution |= outer.context.substitution;
      context.elsewhere |= elsewhere;
      context.bounded |= bounded;
      context.background |= behind;
    }
    if (last != nullptr) {
      // The input belongs to the command that reads it: the only one that was not given another.
      const bool open = last->redirects.empty() && last->context.pipe_position == 0;
      if (fed != nullptr && open) last->feed(*fed);
      for (const Redirect& each : outer.redirects) {
        if (each.op == "<" && open) last->feed(each);
      }
      if (!hides) pass_status_on(outer, commands, *last);
    }
    std::uint32_t end = choices_;
    for (Arm& arm : inner.arms) {
      arm.choice += choices_;
      end = std::max(end, arm.choice + 1);
      script_.arms.push_back(std::move(arm));
    }
    choices_ = end;
  }

  Script& script_;
  const Located& source_;
  const PlacesOf& places_;
  std::uint32_t choices_ = 0;  ///< how many of them the script has
};

}  // namespace

void expand_inner(Script& script, const Located& source, const PlacesOf& places) {
  Expander(script, source, places).run();
}

}  // namespace backout::importers
