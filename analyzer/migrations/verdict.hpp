#pragma once
// What the judge says of one migration. docs/migrations.md explains every field to users.

#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/migrations/directives.hpp"
#include "model/source.hpp"

namespace backout::analyzer {

enum class PairVerdict : std::uint8_t { honest, broken, unknown };
/// Answer to "does this script run?". `missing`: there is no script.
enum class Runs : std::uint8_t { yes, no, missing, unknown };
enum class SchemaAnswer : std::uint8_t { restored, restored_but_order, differs, unknown };
enum class DataAnswer : std::uint8_t { kept, lost, unknown };
enum class RowsAnswer : std::uint8_t { accepted, refused, unknown };

/// The question that a reason bears on.
enum class Question : std::uint8_t { up, down, schema, data, new_rows, reup, next_insert };

/// Why an answer is what it is.
struct Reason {
  Question question = Question::up;
  std::string message;   ///< one sentence: what happens, in PostgreSQL's words where it refuses
  std::string sqlstate;  ///< of a refusal, else empty
  std::string witness;   ///< smallest row or object that shows it, else empty
  model::Span span;      ///< the statement
  bool unknown = false;  ///< it says why the answer is not known
};

/// One thing in which the schema after up and down differs from the schema before.
struct SchemaDifference {
  std::string op;     ///< "missing", "extra" or "changed"
  std::string kind;   ///< "table", "column", "index", ...
  std::string name;   ///< with its schema, and its table where it belongs to one
  std::string field;  ///< what changed of it, else empty
  std::string before;
  std::string after;
  model::Span span;  ///< the statement of the up that made it, or the whole script
};

/// What to ask the database before a down runs on it: whether its rows would refuse a statement.
struct Precheck {
  std::string what;    ///< "SET NOT NULL on item.price"
  std::string select;  ///< gives a row when the statement would be refused; empty: only a trial
                       ///< tells, because of `why`
  std::string why;
  model::Span span;  ///< the statement
};

/// The verdict on one migration.
struct PairJudgement {
  std::string id;
  std::string up_path;  ///< file of the up, empty when there is none
  std::string down_path;
  model::Span span;  ///< first statement of the up, for findings about the whole pair
  PairVerdict verdict = PairVerdict::unknown;
  Runs up_runs = Runs::unknown;
  Runs down_runs = Runs::unknown;
  SchemaAnswer schema = SchemaAnswer::unknown;
  DataAnswer data = DataAnswer::unknown;
  RowsAnswer new_rows = RowsAnswer::unknown;
  Runs reup = Runs::unknown;
  /// `schema` once more, of a down that ran with new rows: a restore that is swallowed or
  /// conditional shows only there.
  SchemaAnswer schema_with_new_rows = SchemaAnswer::unknown;
  /// Whether INSERTs that leave their number to a sequence still run after the down.
  RowsAnswer next_insert = RowsAnswer::unknown;
  bool up_is_empty = false;  ///< no statement at all: blanks and comments
  bool down_is_empty = false;
  bool up_changes = false;               ///< the up changes the schema or the rows
  bool down_changes = false;             ///< the down changes what the up made
  std::vector<Reason> needs_autocommit;  ///< statements that PostgreSQL refuses inside the
                                         ///< transaction that the tool opens
  Directives directives;
  std::vector<SchemaDifference> differences;
  std::vector<Reason> reasons;
  std::vector<Precheck> prechecks;       ///< of the down, by statement
  std::vector<std::string> assumptions;  ///< what was taken for granted: `role "app" exists`
};

const char* to_string(PairVerdict verdict);
const char* to_string(Runs runs);
const char* to_string(SchemaAnswer answer);
const char* to_string(DataAnswer answer);
const char* to_string(RowsAnswer answer);
const char* to_string(Question question);

}  // namespace backout::analyzer
