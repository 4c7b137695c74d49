// PostgreSQL has its functions and operators in pg_proc and pg_operator, and chooses by exact
// types, then by implicit casts, preferred types and categories (manual, "Type Conversion";
// func_select_candidate() in parse_func.c). Here exact types come first, then kinds of types that
// go together.
// Left out: preferred types: where several candidates of different results remain, the type is not
// known; results of polymorphic functions (any...), prefix operators, operators of extensions.
#include "postgres/catalog/signatures.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace backout::postgres {
namespace {

constexpr std::string_view kSignatures =
#include "postgres/catalog/built_in_signatures.inc"
    ;
constexpr std::string_view kExtensions =
#include "postgres/catalog/extension_facts.inc"
    ;

/// Cuts the text before the next `mark` off `rest`.
std::string_view take(std::string_view& rest, char mark) {
  const std::size_t end = std::min(rest.find(mark), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::vector<std::string_view> list_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) parts.push_back(take(text, ','));
  return parts;
}

/// "name args>result flags columns".
Signature read_signature(std::string_view line) {
  Signature signature;
  signature.name = take(line, ' ');
  signature.arguments = list_of(take(line, '>'));
  signature.result = take(line, ' ');
  for (const char flag : take(line, ' ')) {
    if (flag == 'a' || flag == 'w' || flag == 'p') signature.kind = flag;
    if (flag == 's') signature.set = true;
    if (flag == 'v') signature.variadic = true;
    if (flag == 'i') signature.is_volatile = false;
    if (flag >= '0' && flag <= '9')
      signature.defaults = signature.defaults * 10 + static_cast<std::size_t>(flag - '0');
  }
  for (const std::string_view column : list_of(line)) {
    const std::size_t colon = column.find(':');
    if (colon != std::string_view::npos)
      signature.columns.emplace_back(column.substr(0, colon), column.substr(colon + 1));
  }
  return signature;
}

struct OperatorFact {
  std::string_view left;
  std::string_view right;
  std::string_view result;
};

struct BuiltInFacts {
  std::map<std::string_view, std::vector<Signature>> functions;
  std::map<std::string_view, std::vector<OperatorFact>> operators;
};

const BuiltInFacts& built_in() {
  static const BuiltInFacts facts = [] {
    BuiltInFacts read;
    for (std::string_view rest = kSignatures; !rest.empty();) {
      std::string_view line = take(rest, '\n');
      const std::string_view what = take(line, ' ');
      if (what == "F") {
        Signature signature = read_signature(line);
        const std::string_view name = signature.name;
        read.functions[name].push_back(std::move(signature));
      } else if (what == "O") {
        const std::string_view name = take(line, ' ');
        OperatorFact fact;
        fact.left = take(line, ',');
        fact.right = take(line, '>');
        fact.result = line;
        read.operators[name].push_back(fact);
      }
    }
    return read;
  }();
  return facts;
}

const std::vector<ExtensionFacts>& extensions() {
  static const std::vector<ExtensionFacts> facts = [] {
    std::vector<ExtensionFacts> read;
    for (std::string_view rest = kExtensions; !rest.empty();) {
      std::string_view line = take(rest, '\n');
      const std::string_view what = take(line, ' ');
      if (what == "E") {
        ExtensionFacts extension;
        extension.name = take(line, ' ');
        std::string_view needs = take(line, ' ');
        if (needs.starts_with('{')) needs = needs.substr(1, needs.size() - 2);
        extension.needs = list_of(needs);
        extension.schema = line;
        read.push_back(std::move(extension));
      } else if (what == "T") {
        read.back().types.push_back(line);
      } else if (what == "F") {
        read.back().functions.push_back(read_signature(line));
      } else if (what == "R") {
        BroughtRelation relation;
        relation.name = take(line, ' ');
        relation.kind = take(line, ' ').front();
        relation.columns = line;
        read.back().relations.push_back(relation);
      } else if (what == "K") {
        take(line, ' ');
        read.back().classes.push_back(take(line, ' '));
      }
    }
    return read;
  }();
  return facts;
}

bool brings(const ExtensionFacts& extension, Brought what, std::string_view name) {
  const auto called = [&](const auto& part) { return part.name == name; };
  switch (what) {
    case Brought::function:
      return std::any_of(extension.functions.begin(), extension.functions.end(), called);
    case Brought::relation:
      return std::any_of(extension.relations.begin(), extension.relations.end(), called);
    case Brought::type:
      return std::find(extension.types.begin(), extension.types.end(), name) !=
             extension.types.end();
    case Brought::operator_class:
      break;
  }
  return std::find(extension.classes.begin(), extension.classes.end(), name) !=
         extension.classes.end();
}

bool stands_for_many(std::string_view internal) {
  return internal.starts_with("any") || internal == "record";
}

/// Whether a value of type `given` may go where `wanted` stands; what is not known may.
bool may_take(std::string_view wanted, const ValueType& given, bool exactly) {
  if (stands_for_many(wanted))
    return !wanted.ends_with("array") || given.is_array() || given.family == TypeClass::unknown ||
           given.family == TypeClass::unknown_literal;
  if (given.family == TypeClass::unknown || given.family == TypeClass::unknown_literal) return true;
  const ValueType type = built_in_type(wanted);
  if (type.dimensions != given.dimensions) return false;
  if (given.user == 0 && type.family == given.family)
    return type.family != TypeClass::other || type.name == given.name;
  if (exactly) return false;
  return (is_string(type.family) && is_string(given.family)) ||
         (is_number(type.family) && is_number(given.family)) ||
         (is_time(type.family) && is_time(given.family)) || type.family == TypeClass::unknown;
}

bool takes(const Signature& signature, std::span<const Typed> arguments, bool exactly) {
  const std::size_t most = signature.arguments.size();
  if (arguments.size() > most && !signature.variadic) return false;
  if (arguments.size() + signature.defaults < most && !signature.variadic) return false;
  for (std::size_t at = 0; at < std::min(arguments.size(), most); ++at) {
    if (signature.variadic && at + 1 == most) return true;
    if (!may_take(signature.arguments[at], arguments[at].type, exactly)) return false;
  }
  return true;
}

}  // namespace

const ExtensionFacts* extension_facts(std::string_view name) {
  const auto found = std::find_if(extensions().begin(), extensions().end(),
                                  [&](const ExtensionFacts& e) { return e.name == name; });
  return found == extensions().end() ? nullptr : &*found;
}

std::string_view extension_with(Brought what, std::string_view name) {
  // Names that several extensions have: what most people install comes first.
  constexpr auto kFirst =
      std::to_array<std::string_view>({"pgcrypto", "uuid-ossp", "citext", "hstore", "pg_trgm",
                                       "ltree", "postgis", "vector", "timescaledb"});
  for (const std::string_view first : kFirst) {
    if (const ExtensionFacts* extension = extension_facts(first);
        extension != nullptr && brings(*extension, what, name))
      return first;
  }
  for (const ExtensionFacts& extension : extensions()) {
    if (brings(extension, what, name)) return extension.name;
  }
  return {};
}

std::span<const Signature> built_in_signatures(std::string_view name) {
  const auto found = built_in().functions.find(name);
  return found == built_in().functions.end() ? std::span<const Signature>()
                                             : std::span<const Signature>(found->second);
}

ValueType built_in_result(std::string_view name, std::span<const Typed> arguments) {
  for (const bool exactly : {true, false}) {
    std::string_view result;
    bool several = false;
    for (const Signature& signature : built_in_signatures(name)) {
      if (!takes(signature, arguments, exactly)) continue;
      several = several || (!result.empty() && result != signature.result);
      result = signature.result;
    }
    if (several) return plain(TypeClass::unknown);
    if (!result.empty()) return built_in_type(result);
  }
  return plain(TypeClass::unknown);
}

ValueType built_in_operator_result(std::string_view name, const ValueType& left,
                                   const ValueType& right) {
  const auto found = built_in().operators.find(name);
  if (found == built_in().operators.end()) return plain(TypeClass::unknown);
  for (const bool exactly : {true, false}) {
    std::string_view result;
    bool several = false;
    for (const OperatorFact& fact : found->second) {
      if (fact.left.empty() || !may_take(fact.left, left, exactly) ||
          !may_take(fact.right, right, exactly))
        continue;
      several = several || (!result.empty() && result != fact.result);
      result = fact.result;
    }
    if (several) return plain(TypeClass::unknown);
    if (!result.empty()) return built_in_type(result);
  }
  return plain(TypeClass::unknown);
}

ValueType built_in_type(std::string_view internal) {
  if (stands_for_many(internal)) return plain(TypeClass::unknown);
  const bool array = internal.starts_with('_');
  if (array) internal.remove_prefix(1);
  ValueType type = plain(family_of(internal));
  // Names of the facts live as long as the program.
  if (type.family == TypeClass::other || internal == "cidr" || internal == "varbit")
    type.name = internal;
  if (type.family == TypeClass::unknown) return type;
  type.dimensions = array ? 1 : 0;
  return type;
}

}  // namespace backout::postgres
