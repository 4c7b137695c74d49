#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace backout::postgres {

/// Families of PostgreSQL types that the fake computes with; every type of a catalog falls into
/// one.
enum class TypeClass : std::uint8_t {
  unknown_literal,  ///< a quoted literal or NULL that no context has typed yet
  boolean,
  int2,
  int4,
  int8,
  numeric,
  float4,
  float8,
  money,
  text,
  varchar,
  bpchar,
  name,
  citext,
  uuid,
  date,
  time,
  timetz,
  timestamp,
  timestamptz,
  interval,
  json,
  jsonb,
  bytea,
  inet,
  bit,
  oid,
  enumeration,
  composite,
  other,    ///< a known type whose values are kept as text and never computed with
  unknown,  ///< nothing is known of the type
};

/// The type of a value: its family, its modifiers and, for user-made types, which one.
struct ValueType {
  TypeClass family = TypeClass::unknown;
  /// Length of varchar(n), char(n), bit(n); precision of numeric(p,s); fractional digits of
  /// timestamp(n). -1: none.
  std::int32_t length = -1;
  std::int32_t scale = 0;       ///< of numeric(p,s)
  std::uint8_t dimensions = 0;  ///< above 0: an array, and the rest describes its elements
  std::uint32_t user =
      0;  ///< the catalog's id of an enum, composite or domain; 0 for built-in types
  std::string_view name;  ///< of a type of family `other`, for messages; views text that never dies

  bool is_array() const { return dimensions > 0; }
  bool operator==(const ValueType&) const = default;
};

/// A built-in type without modifiers.
ValueType plain(TypeClass family);

/// Why nothing more is known of a symbolic value.
enum class Symbol : std::uint8_t {
  opaque,   ///< any value of its type, NULL perhaps
  present,  ///< any value of its type, but not NULL
  fresh,    ///< differs from every other value (gen_random_uuid, random)
  clock,    ///< the time of the transaction: not NULL, later than any stored time
};

/// A datum: NULL, a known value as PostgreSQL's `::text` would print it, or a symbol that stands
/// for a value not known.
class Value {
 public:
  Value() = default;
  static Value known(std::string text);
  static Value known(std::int64_t number);
  static Value boolean(bool truth);
  /// A symbol; two with the same kind and identity are the same value.
  static Value symbol(Symbol kind, std::uint64_t identity);

  bool is_null() const { return state_ == State::null; }
  bool is_known() const { return state_ == State::known; }
  bool is_symbol() const { return state_ == State::symbol; }
  bool is_true() const { return is_known() && text_ == "true"; }
  bool is_false() const { return is_known() && text_ == "false"; }
  /// Whether it may be NULL: NULL itself and opaque symbols.
  bool may_be_null() const { return is_null() || (is_symbol() && kind_ == Symbol::opaque); }
  /// Requires is_known().
  const std::string& text() const { return text_; }
  /// Requires is_symbol().
  Symbol kind() const { return kind_; }
  std::uint64_t identity() const { return identity_; }

  /// Same state and, when known, the same text: what a comparison of `::text` sees.
  bool operator==(const Value&) const = default;

 private:
  enum class State : std::uint8_t { null, known, symbol };
  State state_ = State::null;
  Symbol kind_ = Symbol::opaque;
  std::uint64_t identity_ = 0;
  std::string text_;
};

/// Answer of a test on values that need not be known.
enum class Truth : std::uint8_t { no, yes, unknown };

/// Whether both are the same value: symbols that may differ or agree give unknown; NULL equals only
/// NULL.
Truth same(const Value& left, const Value& right);

/// Why an evaluation gave no value: PostgreSQL would refuse, or the fake cannot tell.
struct Stop {
  enum class Kind : std::uint8_t { refused, unknown };
  Kind kind = Kind::refused;
  std::string sqlstate;  ///< of a refusal
  std::string message;   ///< as PostgreSQL words it, or what is not modelled
  int offset = -1;       ///< byte offset in the script that was parsed, -1 when not known
};

/// A refusal with the SQLSTATE and message of PostgreSQL.
Stop refuse(std::string_view sqlstate, std::string message, int offset = -1);

/// The fake cannot tell, because of `what`.
Stop not_known(std::string what, int offset = -1);

template <class T>
using Checked = tl::expected<T, Stop>;

/// A value and its type, as expressions pass them on.
struct Typed {
  Value value;
  ValueType type;
};

/// The name that PostgreSQL prints for `type` ("character varying(20)", "integer[]"); user-made
/// types need their own name.
std::string describe(const ValueType& type);

/// The family of a built-in type by its internal name ("int4"); `other` for built-in types without
/// arithmetic, `unknown` when it is none.
TypeClass family_of(std::string_view internal_name);

/// Whether equal values of the family always have the same text.
bool text_decides(TypeClass family);

bool is_integer(TypeClass family);
bool is_number(TypeClass family);
bool is_string(TypeClass family);
bool is_time(TypeClass family);

}  // namespace backout::postgres
