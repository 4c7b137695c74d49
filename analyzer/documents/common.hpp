#pragma once
// What several document rules ask of commands and texts.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/documents/rule.hpp"
#include "importers/document/words.hpp"

namespace backout::analyzer::documents {

using importers::Block;
using importers::Command;
using importers::Document;
using importers::Role;

using importers::lower;
bool has(std::string_view text, std::string_view part);
bool has_any(std::string_view text, std::initializer_list<std::string_view> parts);
/// Whether one of `words` stands in the text with no letter or digit on either side: `up` in
/// `./bring_up.sh`, not in `backup`.
bool has_word(std::string_view text, std::initializer_list<std::string_view> words);
/// Whether one of `parts` stands in the text with no letter or digit before it: `test` in
/// `shop_testing`, not in `latest`.
bool begins_word(std::string_view text, std::initializer_list<std::string_view> parts);

/// Whether a text in lower case speaks of tests or checks by a word of its own: not `latest`,
/// `actions/checkout`, `shipping`.
bool says_test(std::string_view text);

/// The name of the document's file without its folders, in lower case.
std::string file_name_of(const DocumentFacts& facts);
/// Whether the name of the file says that it brings an older version back.
bool names_rollback(const DocumentFacts& facts);
/// Whether its name or its title says so.
bool is_titled_rollback(const DocumentFacts& facts);

/// A finding at `span`.
model::Finding finding(model::Severity severity, model::Span span, std::string message,
                       std::string fix = "");

/// Blocks of shell that the document means to be run in a rollback or deploy: no templates, no
/// contacts.
std::vector<const Block*> shell_blocks(const Document& document);

/// Whether the words of the command's argv begin with these: `is(command, {"git", "revert"})`.
/// Options in front of a subcommand are passed over (`kubectl -n prod rollout undo`).
bool is(const Command& command, std::initializer_list<std::string_view> words);

/// Whether the command runs `tool`, also behind `sudo`, `docker exec`, `kubectl exec` and the like.
bool runs(const Command& command, std::string_view tool);

/// The command that `docker compose -f FILE exec db psql ...` runs in the end: with no option of
/// what stands around it.
Command inside(const Command& command);

/// The values of the arguments that the catalogue calls `name` in what the command does: the
/// services of `docker compose stop`.
std::vector<std::string> arguments_of(const Command& command, std::string_view name);

/// Whether a value stands there as it is: no variable, and nothing to fill in.
bool is_plain(std::string_view value);

/// Whether the word of a fence says that the block is shell.
bool says_shell(std::string_view fence);

/// The words behind the subcommands, without options and their values where they are known.
std::vector<const importers::Word*> operands(const Command& command, std::size_t subcommands);

/// What a command does to the world, as far as its name says.
enum class Effect { none, look, say, wait, change, destroy, deploy, save, restore };
Effect effect_of(const Command& command);

/// Whether it runs a script of one's own, of which the catalogue knows nothing.
bool is_own_script(const Command& command);

/// Adds a finding; where one with the same message is there already, its place is added to that
/// one.
void add_once(std::vector<model::Finding>& found, model::Finding made);

/// Places of one cause, told as one finding: the first with what is wrong there, the others beside
/// it.
class OneFinding {
 public:
  explicit OneFinding(std::string beside = "here, too") : beside_(std::move(beside)) {}
  void add(model::Finding place);
  /// Adds it, when there was a place.
  void add_to(std::vector<model::Finding>& found) &&;

 private:
  std::string beside_;
  std::optional<model::Finding> made_;
};

/// Whether people follow the block when they roll back or deploy: it stands in no drill, advice or
/// preparation.
bool is_followed(const DocumentFacts& facts, const Block& block);

/// `says` of a trap behind the command that it is about: "`alembic downgrade`: ...".
std::string trap_text(const Command& command, const catalogue::Trap& trap);

/// Whether the document says what the command has to answer.
bool has_expected_answer(const Document& document, const Command& command);

/// Whether a text in lower case names a task of the project's own that takes migrations back:
/// `migrate:down`.
bool names_down_task(std::string_view text);
/// Whether the command runs such a task, or a script of that name.
bool runs_down_task(const Command& command);

/// Whether a run goes on behind a failure of the command: nothing stops, tests or joins it.
bool goes_on(const Command& command);

/// Whether somebody runs the block as a whole (a script), and not line by line.
bool runs_as_script(const Block& block);

/// Whether the section's words, or those of a section above it, contain one of `words` (lower
/// case).
bool section_says(const Document& document, std::uint32_t section,
                  std::initializer_list<std::string_view> words);

/// The same, the words with no letter or digit on either side.
bool section_says_word(const Document& document, std::uint32_t section,
                       std::initializer_list<std::string_view> words);

/// Whether the text uses the variable: `$NAME`, `${NAME}`, `${NAME:-x}`; not `$NAME_OF_ANOTHER`.
bool uses_variable(std::string_view text, std::string_view name);
/// Where the text uses it first, at `from` or behind it; npos for nowhere.
std::size_t find_variable(std::string_view text, std::string_view name, std::size_t from);
/// The name of the first variable at `from` or behind it: `TAG` of `${TAG}-x`; empty for none, and
/// where `from` is npos.
std::string variable_at(std::string_view text, std::size_t from);

/// The value of `$NAME` or `${NAME}` in the block; the text itself when it is no variable, or
/// nothing sets it.
std::string resolved(const Block& block, const std::string& text);

/// A line that begins a statement of SQL, in an SQL block, in a here document or in a quoted
/// argument; lower case.
struct SqlLine {
  const Block* block = nullptr;
  std::string text;
  model::Span span;
};
std::vector<SqlLine> sql_lines(const Document& document);

/// A line of a block (any language), as written.
struct BlockLine {
  std::string text;
  model::Span span;
};
std::vector<BlockLine> lines_of(const Block& block);

/// Whether a text of the document outside templates, in lower case, contains one of `words`.
bool document_says(const Document& document, std::initializer_list<std::string_view> words);
/// The same below one section.
bool section_text_says(const Document& document, std::uint32_t section,
                       std::initializer_list<std::string_view> words);

/// The same, the words with no letter or digit on either side.
bool section_text_says_word(const Document& document, std::uint32_t section,
                            std::initializer_list<std::string_view> words);

/// Whether `says` holds of a text of the document outside templates, below `section` (kNowhere: of
/// any), in lower case.
bool any_text(const Document& document, std::uint32_t section,
              const std::function<bool(std::string_view)>& says);

/// Whether `says` holds of a line that stands straight in the section, with its text in lower case.
bool any_line(const Document& document, std::uint32_t section,
              const std::function<bool(const importers::Line&, std::string_view)>& says);

/// What has_word() and begins_word() ask, of every text of the document outside templates.
bool document_says_word(const Document& document, std::initializer_list<std::string_view> words);
bool document_begins_word(const Document& document, std::initializer_list<std::string_view> parts);

/// Whether a text of the document outside templates says how much may be lost: RPO, recovery point.
bool says_rpo(const Document& document);

/// The topmost section above (or at) `section` that is not the title of the document.
std::uint32_t chapter_of(const Document& document, std::uint32_t section);

/// What a command speaks to, in lower case: its words without the files that it reads,
/// `backups/shop_test.dump`.
std::string target_of(const Command& command);

/// Whether a restore goes into a database beside the one that is used, by its name: `shop_test`,
/// `shop_new`, `recovery`.
bool names_another_database(const Command& command);

/// Whether the titles around `section` say that a copy of production is loaded into something that
/// is not production: no write of a user is lost there, and what is dropped can be made again.
bool fills_another_environment(const Document& document, std::uint32_t section);

/// Whether the titles around `section` say that the whole machine or site is gone: nobody writes,
/// and nothing is there to be lost.
bool starts_from_nothing(const Document& document, std::uint32_t section);

/// How long it takes at least, as far as that is said; 0 where nothing is.
std::int64_t least_ms(const importers::Time& time);

/// The line that stands at `span`; nullptr for none, as of a row of a table or a heading.
const importers::Line* line_at(const Document& document, model::Span span);

/// `5 min`, `90 s`.
std::string time_text(std::int64_t ms);

/// A command as one line, cut for a message.
std::string text_of(const Command& command);

}  // namespace backout::analyzer::documents
