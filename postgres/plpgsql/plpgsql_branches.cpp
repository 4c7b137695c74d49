// PostgreSQL takes one way through a body, by the rows that are there when it runs. Here all
// statements are found that other rows may have made it run or leave out.
// Left out: conditions that ask catalogs or settings, which rows do not decide; the rows of FOR ...
// IN EXECUTE and of cursors.
#include "postgres/plpgsql/plpgsql_branches.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "postgres/catalog/error_conditions.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/plpgsql/plpgsql_tree.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

std::string query_of(const PlpgsqlTree& node, const char* member) {
  return node.contains(member) && node[member].contains("PLpgSQL_expr")
             ? node[member]["PLpgSQL_expr"].value("query", "")
             : "";
}

class Branches {
 public:
  Branches(const Database& database, Reach& watching) : database_(database), watching_(watching) {}

  std::vector<BodyStatement> of(const PlpgsqlTree& function) {
    const PlpgsqlTree& body = function.at("action");
    // What a variable holds may follow from one that is assigned further down.
    for (int round = 0; round < 2; ++round) find_variables(body);
    visit(body, false);
    return std::move(found_);
  }

 private:
  /// Whether the text asks a table, or a variable whose value came out of one.
  bool asks_rows(const std::string& text) const {
    const std::set<std::string> words = words_of(text);
    if (std::any_of(words.begin(), words.end(),
                    [&](const std::string& word) { return variables_.contains(word); }))
      return true;
    bool found = false;
    const Script script = plpgsql_query(text);
    for (const Script::Statement& part : script.statements()) {
      walk(part.tree->base, [&](const ProtobufCMessage& message) {
        if (message.descriptor != &pg_query__range_var__descriptor) return !found;
        found =
            found || resolve(database_, NameSpace::relation,
                             qualified(reinterpret_cast<const PgQuery__RangeVar&>(message))) != 0;
        return !found;
      });
    }
    return found;
  }

  void add_targets(const PlpgsqlTree& target) {
    if (target.contains("PLpgSQL_row")) {
      for (const PlpgsqlTree& field : target["PLpgSQL_row"].value("fields", PlpgsqlTree::array()))
        variables_.insert(field.value("name", ""));
    }
    for (const char* kind : {"PLpgSQL_rec", "PLpgSQL_var"}) {
      if (target.contains(kind)) variables_.insert(target[kind].value("refname", ""));
    }
  }

  void find_variables(const PlpgsqlTree& node) {
    if (!node.is_structured()) return;
    for (const auto& [kind, value] : node.items()) {
      if (kind == "PLpgSQL_stmt_execsql" && value.value("into", false) &&
          asks_rows(query_of(value, "sqlstmt")))
        add_targets(value["target"]);
      if (kind == "PLpgSQL_stmt_fors" && asks_rows(query_of(value, "query")))
        add_targets(value["var"]);
      if (kind == "PLpgSQL_stmt_assign") {
        const std::string text = query_of(value, "expr");
        const std::size_t at = text.find('=');
        if (at != std::string::npos && asks_rows("SELECT " + text.substr(at + 1)))
          variables_.merge(words_of(text.substr(0, at)));
      }
      find_variables(value);
    }
  }

  void visit_all(const PlpgsqlTree& node, const char* member, bool open) {
    if (node.contains(member)) visit(node[member], open);
  }

  void visit_if(const PlpgsqlTree& node, bool open) {
    bool asked = open || asks_rows(query_of(node, "cond"));
    visit_all(node, "then_body", asked);
    for (const PlpgsqlTree& part : node.value("elsif_list", PlpgsqlTree::array())) {
      const PlpgsqlTree& other = part["PLpgSQL_if_elsif"];
      asked = asked || asks_rows(query_of(other, "cond"));
      visit_all(other, "stmts", asked);
    }
    visit_all(node, "else_body", asked);
  }

  void visit_case(const PlpgsqlTree& node, bool open) {
    bool asked = open || asks_rows(query_of(node, "t_expr"));
    for (const PlpgsqlTree& part : node.value("case_when_list", PlpgsqlTree::array())) {
      const PlpgsqlTree& when = part["PLpgSQL_case_when"];
      asked = asked || asks_rows(query_of(when, "expr"));
      visit_all(when, "stmts", asked);
    }
    visit_all(node, "else_stmts", asked);
  }

  /// Whether rows may make a handler run: none does that waits for what the catalog refuses (class
  /// 42) alone.
  static bool waits_for_rows(const PlpgsqlTree& exception) {
    const PlpgsqlTree conditions = exception.value("conditions", PlpgsqlTree::array());
    return std::any_of(conditions.begin(), conditions.end(), [](const PlpgsqlTree& condition) {
      return !sqlstate_of(condition["PLpgSQL_condition"].value("condname", "")).starts_with("42");
    });
  }

  static const PlpgsqlTree& handlers_of(const PlpgsqlTree& block) {
    static const PlpgsqlTree kNone = PlpgsqlTree::array();
    const PlpgsqlTree::json_pointer list("/exceptions/PLpgSQL_exception_block/exc_list");
    return block.contains(list) ? block.at(list) : kNone;
  }

  /// Whether rows may make the statement fail, so that what stands behind it in its block does not
  /// run.
  bool may_fail(const std::string& kind, const PlpgsqlTree& node, bool open) const {
    if (kind == "PLpgSQL_stmt_raise")
      return open && node.value("elog_level", kErrorLevel) >= kErrorLevel;
    if (kind == "PLpgSQL_stmt_dynexecute" || kind == "PLpgSQL_stmt_call") return true;
    for (const auto& [asking, query] : {std::pair("PLpgSQL_stmt_execsql", "sqlstmt"),
                                        {"PLpgSQL_stmt_perform", "expr"},
                                        {"PLpgSQL_stmt_assert", "cond"}}) {
      if (kind == asking) return asks_rows(query_of(node, query));
    }
    return false;
  }

  void visit_block(const PlpgsqlTree& node, bool open) {
    const PlpgsqlTree& handlers = handlers_of(node);
    const auto caught = [](const PlpgsqlTree& handler) {
      return waits_for_rows(handler["PLpgSQL_exception"]);
    };
    const bool around =
        std::exchange(caught_, caught_ || std::any_of(handlers.begin(), handlers.end(), caught));
    const bool before = left_;
    visit_all(node, "body", open);
    caught_ = around;
    const bool left = std::exchange(left_, before);  // a handler runs whatever the body did not
    const bool outer = std::exchange(handling_, true);
    for (const PlpgsqlTree& handler : handlers) {
      const PlpgsqlTree& exception = handler["PLpgSQL_exception"];
      visit_all(exception, "action", open || waits_for_rows(exception));
    }
    handling_ = outer;
    left_ = left_ || left;
  }

  void visit(const PlpgsqlTree& node, bool open) {
    open = open || left_;
    if (node.is_array()) {
      for (const PlpgsqlTree& item : node) visit(item, open);
    }
    if (!node.is_object()) return;
    for (const auto& [kind, value] : node.items()) {
      if (kind == "PLpgSQL_stmt_if")
        visit_if(value, open);
      else if (kind == "PLpgSQL_stmt_case")
        visit_case(value, open);
      else if (kind == "PLpgSQL_stmt_fors")
        visit_all(value, "body", open || asks_rows(query_of(value, "query")));
      else if (kind == "PLpgSQL_stmt_while")
        visit_all(value, "body", open || asks_rows(query_of(value, "cond")));
      else if (kind == "PLpgSQL_stmt_block")
        visit_block(value, open);
      else if (kind == "PLpgSQL_stmt_return" || kind == "PLpgSQL_stmt_exit")
        left_ = open || asks_rows(query_of(value, "cond"));
      else if (handling_ && kind == "PLpgSQL_stmt_raise")
        continue;  // an error stays one
      else if (kind.starts_with("PLpgSQL_stmt_") && value.contains("body"))
        visit_all(value, "body", open);
      else if (BodyStatement statement = telling_statement(watching_, kind, value);
               open && !statement.text.empty())
        found_.push_back(std::move(statement));
      left_ = left_ || (caught_ && may_fail(kind, value, open));
    }
  }

  const Database& database_;
  Reach& watching_;
  std::set<std::string> variables_ = {"new", "old", "found"};  ///< whose values rows decide on
  bool left_ = false;      ///< rows may have left the body, a loop or a block of it, further up
  bool caught_ = false;    ///< inside of a block some handler of which takes errors that rows make
  bool handling_ = false;  ///< inside of a handler
  std::vector<BodyStatement> found_;
};

}  // namespace

BodyStatement telling_statement(Reach& watching, const std::string& kind, const PlpgsqlTree& node) {
  const int line = node.value("lineno", 0);
  if (kind == "PLpgSQL_stmt_execsql" && watching.writes(query_of(node, "sqlstmt")))
    return {query_of(node, "sqlstmt"), line};
  if (kind == "PLpgSQL_stmt_dynexecute") return {"EXECUTE " + query_of(node, "query"), line};
  if (kind == "PLpgSQL_stmt_call") return {query_of(node, "expr"), line};
  if (kind == "PLpgSQL_stmt_raise" && node.value("elog_level", kErrorLevel) >= kErrorLevel)
    return {"RAISE " + node.value("message", node.value("condname", "EXCEPTION")), line};
  return {};
}

std::vector<BodyStatement> statements_in_branches(const Database& database, Reach& watching,
                                                  const PlpgsqlTree& function) {
  return Branches(database, watching).of(function);
}

}  // namespace backout::postgres
