#pragma once
// An argument of a verb, declared once: its name, type and help for schema and docs, and what it is
// read with. A row lists these, and whoever reads an argument names one: a name that is not
// declared does not compile.

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/catalog.hpp"
#include "model/plan.hpp"

namespace backout::services {

/// `Value`: std::string (what is written), bool, std::vector<std::string>, or const model::Node*
/// (what is neither).
template <typename Value>
class Arg {
 public:
  /// What holds where it is not given.
  using Otherwise = std::conditional_t<std::is_same_v<Value, bool>, bool, std::string_view>;

  constexpr Arg(std::string_view name, std::string_view help) : name_(name), help_(help) {}

  // The same argument, but for one thing.
  constexpr Arg required() const {
    return changed([](Arg& arg) { arg.required_ = true; });
  }
  constexpr Arg optional() const {
    return changed([](Arg& arg) { arg.required_ = false; });
  }
  constexpr Arg of(model::ValueType type) const {
    return changed([&](Arg& arg) { arg.type_ = type; });
  }
  constexpr Arg saying(std::string_view help) const {
    return changed([&](Arg& arg) { arg.help_ = help; });
  }
  constexpr Arg or_else(Otherwise value) const {
    return changed([&](Arg& arg) { arg.otherwise_ = value; });
  }
  constexpr Arg among(std::initializer_list<std::string_view> choices) const {
    return changed([&](Arg& arg) {
      arg.type_ = model::ValueType::choice;
      for (const std::string_view each : choices) arg.choices_.at(arg.choice_count_++) = each;
    });
  }

  /// As a row lists it whose choices are known only when the program runs.
  model::FieldSpec among_all(std::vector<std::string> choices) const {
    model::FieldSpec spec = *this;
    spec.type = model::ValueType::choice;
    spec.choices = std::move(choices);
    return spec;
  }

  std::string name() const { return std::string(name_); }
  bool is_given(const model::Args& args) const { return args.has(name_); }
  bool is_unknown(const model::Args& args) const { return args.is_unknown(name_); }
  Value in(const model::Args& args) const {
    if constexpr (std::is_same_v<Value, bool>)
      return args.flag(name_, otherwise_);
    else if constexpr (std::is_same_v<Value, std::string>)
      return args.text_or(name_, otherwise_);
    else if constexpr (std::is_same_v<Value, std::vector<std::string>>)
      return args.strings(name_);
    else
      return args.find(name_);
  }
  /// What is written, of whatever type it is.
  std::string written(const model::Args& args) const { return args.text(name_); }
  std::vector<std::string> listed(const model::Args& args) const { return args.strings(name_); }
  const model::Node* node(const model::Args& args) const { return args.find(name_); }
  /// The same where what holds otherwise depends on others.
  Value in(const model::Args& args, Otherwise otherwise) const {
    return or_else(otherwise).in(args);
  }

  operator model::FieldSpec() const {
    return {std::string(name_),
            type_,
            required_,
            {choices_.begin(), choices_.begin() + choice_count_},
            std::string(help_)};
  }

 private:
  static constexpr std::size_t kMostChoices = 8;

  template <typename Change>
  constexpr Arg changed(const Change& change) const {
    Arg arg = *this;
    change(arg);
    return arg;
  }
  static constexpr model::ValueType plain_type() {
    if constexpr (std::is_same_v<Value, bool>)
      return model::ValueType::boolean;
    else if constexpr (std::is_same_v<Value, std::string>)
      return model::ValueType::string;
    else if constexpr (std::is_same_v<Value, std::vector<std::string>>)
      return model::ValueType::strings;
    else
      return model::ValueType::map;
  }

  std::string_view name_;
  std::string_view help_;
  model::ValueType type_ = plain_type();
  bool required_ = false;
  std::array<std::string_view, kMostChoices> choices_ = {};
  std::size_t choice_count_ = 0;
  Otherwise otherwise_ = {};
};

using TextArg = Arg<std::string>;
using FlagArg = Arg<bool>;
using ListArg = Arg<std::vector<std::string>>;
using NodeArg = Arg<const model::Node*>;

}  // namespace backout::services
