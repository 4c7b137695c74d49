#pragma once
// Shell text as facts: simple commands with what becomes of their exit status. Nothing is run.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalogue/catalogue.hpp"
#include "model/source.hpp"

namespace backout::importers {

/// One word of a command. Variables are kept as written (`$TAG`, `${TAG}`).
struct Word {
  std::string text;  ///< without quotes
  model::Span span;
  bool literal = true;  ///< nothing in it is expanded: no variable, substitution, glob
  bool quoted = false;  ///< the whole word stands in quotes
  bool placeholder =
      false;  ///< holds something that a person has to fill in: `<sha>`, `YOUR_KEY`, `YYYYMMDD`
};

/// `> file`, `2>&1`, `< file`, `<<EOF`.
struct Redirect {
  std::string op;
  std::string target;
  std::string heredoc;  ///< its text; empty for others
  model::Span span;
};

/// What becomes of a command's exit status.
struct Context {
  bool errexit = false;  ///< `set -e` is in force here
  bool pipefail = false;
  bool condition = false;      ///< it is tested by if, while, until or `!`
  bool status_tested = false;  ///< the next command looks at `$?`
  bool and_then = false;       ///< `this && next`
  bool or_else = false;        ///< `this || next`
  bool or_else_stops = false;  ///< what follows `||` ends the script or returns a failure
  bool or_else_hides =
      false;  ///< what follows `||` only says something, or nothing: `|| true`, `|| echo failed`
  bool after_and = false;   ///< `previous && this`
  bool after_or = false;    ///< `previous || this`
  bool background = false;  ///< `this &`
  std::uint32_t pipe_position = 0;
  std::uint32_t pipe_length = 1;
  std::uint32_t loops = 0;     ///< loops around it
  std::uint32_t branches = 0;  ///< if and case branches around it
  std::string function;        ///< the function that holds it; empty at the top
  bool substitution = false;   ///< inside $( )
  std::string assigns;         ///< the variable that takes what it prints
  bool elsewhere = false;      ///< it runs on another machine or in a container
  bool bounded = false;        ///< what runs it ends it after a time

  /// Whether a failure of this command ends the script, or is looked at, so that the next one does
  /// not just run.
  bool failure_seen() const {
    const bool last = pipe_position + 1 == pipe_length || pipefail;
    return last && (errexit || condition || status_tested || and_then || or_else_stops);
  }
};

/// A simple command.
struct Command {
  std::vector<std::string> environment;  ///< `A=1 command`: "A=1"
  std::vector<Word> words;
  std::vector<Redirect> redirects;
  Context context;
  model::Span span;
  std::string comment;  ///< comment lines straight above it and behind it, without `#`
  model::Span comment_span;
  std::uint32_t segment = 0;  ///< index into Script::segments

  /// The name without folder, with `sudo`, `timeout`, `env`, `nohup`, `time` and their options left
  /// out; empty for none.
  std::string_view name() const;
  /// The words from the name on.
  std::vector<std::string> argv() const;
  /// The same as one line of text, and in lower case; made when one of them is first asked for.
  const std::string& line() const { return lines().first; }
  const std::string& low_line() const { return lines().second; }
  /// Takes away the first words, and keeps what is known of it.
  void drop_words(std::size_t count);
  /// Where name() stands in `words`.
  std::size_t name_index() const;
  /// Whether a word after the name is `option` or `option=...`; a bundle of letters holds each of
  /// them (`-xe` has `-e`).
  bool has(std::string_view option) const;
  /// The value of `--option value` or `--option=value`; nullptr without it.
  std::optional<std::string> value(std::string_view option) const;
  /// Whether its standard input comes from a pipe or a redirection.
  bool is_fed() const;
  /// What the catalogue knows of it; looked up when it is first asked for.
  const catalogue::Known& known() const;
  /// Whether what it runs stands behind it, as commands of their own: `ssh host 'make'`. It does
  /// nothing else.
  bool told() const { return told_; }
  void tell();
  /// Gives it an input.
  void feed(const Redirect& redirect);
  /// Whether it is ended after a time: `timeout 60 ...`.
  bool is_bounded() const;
  /// The word that an argument of known() stands in; nullptr for none.
  const Word* word_of(const catalogue::Argument& argument) const;

 private:
  const std::pair<std::string, std::string>& lines() const;

  mutable std::shared_ptr<const catalogue::Known> known_;
  mutable std::shared_ptr<const std::pair<std::string, std::string>> lines_;
  bool told_ = false;
};

/// A comment.
struct Comment {
  std::string text;  ///< without `#`
  model::Span span;
  bool alone = true;  ///< nothing but the comment on its line
};

/// `NAME=value`.
struct Assignment {
  std::string name;
  std::string value;
  bool literal = true;
  model::Span span;
};

/// `$NAME`.
struct Use {
  std::string name;
  model::Span span;
};

/// A stretch of a script that a comment begins: `# Step 2: restart (30 seconds)`, `# Or`, `# If
/// using Docker`.
struct Segment {
  enum class Kind { plain, step, alternative };
  Kind kind = Kind::plain;
  std::string title;
  model::Span span;
};

/// What a text is, whatever its fence says.
enum class Language {
  shell,
  sql,
  python,
  javascript,
  json,
  yaml,
  url,
  powershell,
  cmd,
  prose,
  output,
  other,
  empty
};
const char* to_string(Language language);

/// A piece that is no shell: SQL, a URL, Python, console output.
struct Foreign {
  Language language;
  model::Span span;
};

/// A comparison of numbers in [[ ]] or [ ]: `[[ $A -gt $B ]]`.
struct Comparison {
  std::vector<std::string> names;  ///< of the variables in it
  bool bracket = true;             ///< [[ ]], which reads a leading zero as octal; [ ] does not
  model::Span span;
};

/// An `if` all of whose branches only say something: what it found out decides nothing.
struct SpokenCheck {
  std::string condition;  ///< as written
  std::string said;       ///< what the branches print, as written
  std::string function;
  model::Span span;  ///< of the condition
};

/// One way through an `if` or a `case`: what stands in its span runs on that way only.
struct Arm {
  std::uint32_t choice = 0;  ///< the `if` or `case`: all of its arms have the same number
  bool rest = false;         ///< `else` or `*)`: what no other arm takes
  std::string condition;     ///< what leads here, as written; empty for `else`
  model::Span span;
};

/// A script or a fenced block.
struct Script {
  std::vector<Command> commands;  ///< in order of the text, those of functions and branches too
  std::vector<Comment> comments;
  std::vector<Assignment> assignments;
  std::vector<Use> uses;
  std::vector<std::string> functions;
  std::vector<Segment> segments;
  std::vector<Foreign> foreign;
  std::vector<Comparison> comparisons;
  std::vector<SpokenCheck> verdicts;
  std::vector<Arm> arms;  ///< an outer one before those in it
  bool whole = false;     ///< begins with #!: meant to run as it stands
  bool errexit = false;   ///< `set -e` somewhere at the top
  bool torn = false;      ///< not all of it is shell: what stands within what is not certain
  bool prompts = false;   ///< a session: lines with a prompt, and output
};

/// Text whose bytes stand at other places of a file: line i of `text` begins at `begins[i]` of file
/// `file`.
struct Located {
  std::string text;
  std::uint32_t file = 0;
  std::vector<std::uint32_t> begins;
  /// No span goes beyond: a line may be longer than in the file, where a tab became blanks.
  std::uint32_t limit = 0xffffffff;
  /// By byte, and behind the last one, where something is left out between them; empty where the
  /// lines stand as in the file.
  std::vector<std::uint32_t> places = {};

  /// `text` as it stands in the file from `begin` on.
  static Located at(std::string text, std::uint32_t file, std::uint32_t begin);
  model::Span span(std::size_t begin, std::size_t end) const;
};

/// What is in force before the first line.
struct ShellStart {
  bool errexit = false;
  bool pipefail = false;
};

/// Where the first part stands that nests deeper, or has more words in a line, than can be read.
std::optional<model::Span> left_out(const Script& script);

/// Reads shell text tolerantly: placeholders, prompts and output, SQL in between. Never fails; what
/// cannot be read is left out and stands in `foreign`.
Script read_shell(const Located& text, const ShellStart& start = {});

/// What `text` is, by looking at it. `fence` is the word of the fence, which decides when the text
/// does not.
Language language_of(std::string_view text, std::string_view fence);

/// Whether `word` holds something that a person has to fill in.
bool is_placeholder(std::string_view word);

}  // namespace backout::importers
