#pragma once

#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// Passes everything on to other surroundings; a base for those that change one thing.
class Forwarding : public Surroundings {
 public:
  explicit Forwarding(Surroundings& base) : base_(base) {}
  Checked<ValueType> type_named(const PgQuery__TypeName& name) override {
    return base_.type_named(name);
  }
  Checked<Value> read_user_type(const Value& value, const ValueType& type) override {
    return base_.read_user_type(value, type);
  }
  int label_position(const ValueType& type, std::string_view label) override {
    return base_.label_position(type, label);
  }
  Checked<std::string> object_number(std::string_view type, std::string_view text) override {
    return base_.object_number(type, text);
  }
  std::optional<std::string> object_text(std::string_view type, std::string_view text) override {
    return base_.object_text(type, text);
  }
  Checked<Relation> table_rows(const PgQuery__RangeVar& table, const WantedRows& wanted) override {
    return base_.table_rows(table, wanted);
  }
  Checked<Relation> modify(const PgQuery__Node& statement, const Scope& scope) override {
    return base_.modify(statement, scope);
  }
  Checked<Typed> call(const PgQuery__FuncCall& call, std::span<const Typed> arguments) override {
    return base_.call(call, arguments);
  }
  Checked<void> require_function(const PgQuery__FuncCall& call,
                                 std::span<const Typed> arguments) override {
    return base_.require_function(call, arguments);
  }
  Checked<Relation> function_rows(const PgQuery__FuncCall& call,
                                  std::span<const Typed> arguments) override {
    return base_.function_rows(call, arguments);
  }
  void note_doubtful_fit(const ValueType& from, const ValueType& to) override {
    base_.note_doubtful_fit(from, to);
  }
  Checked<Typed> use_sequence(std::string_view function,
                              std::span<const Typed> arguments) override {
    return base_.use_sequence(function, arguments);
  }
  bool has_routine(const PgQuery__FuncCall& call) override { return base_.has_routine(call); }
  int server() const override { return base_.server(); }
  std::uint64_t new_identity() override { return base_.new_identity(); }

 protected:
  Surroundings& base() { return base_; }

 private:
  Surroundings& base_;
};

/// Nothing runs: for queries without a row, of which only names and types matter.
class NothingRuns : public Forwarding {
 public:
  explicit NothingRuns(Surroundings& base) : Forwarding(base) {}
  void note_doubtful_fit(const ValueType& /*from*/, const ValueType& /*to*/) override {}
  Checked<Typed> call(const PgQuery__FuncCall& call, std::span<const Typed> arguments) override {
    if (call.over != nullptr) return base().call(call, arguments);
    auto found = base().require_function(call, arguments);
    if (!found) return tl::unexpected(found.error());
    return Typed{Value::symbol(Symbol::opaque, new_identity()), plain(TypeClass::unknown)};
  }
  Checked<Typed> use_sequence(std::string_view /*function*/,
                              std::span<const Typed> /*arguments*/) override {
    return Typed{Value::symbol(Symbol::present, new_identity()), plain(TypeClass::int8)};
  }
};

}  // namespace backout::postgres
