// PostgreSQL's parse trees are C structs (parsenodes.h); libpg_query hands them out as JSON or
// protobuf of the same messages. The JSON is what pg_query_outfuncs_json.c writes: no blanks, no
// fields that are zero or empty.
// Left out: JSON of other writers, pairs of \u that make one character.
#include "postgres/read/tree_reader.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace backout::postgres {
namespace {

using Kind = ProtobufCMessageDescriptor;
using Field = ProtobufCFieldDescriptor;

/// The fields of all kinds of messages by the names that JSON gives them. Those differ from the
/// names of the descriptors in case and underscores alone ("targetList", "target_list"), so that
/// both are looked up without either.
class FieldNames {
 public:
  FieldNames() { enter(pg_query__parse_result__descriptor); }

  const Field& find(const Kind& kind, std::string_view name) const {
    const auto found = fields_.find(key_of(kind, name));
    assert(found != fields_.end());
    return *found->second;
  }

 private:
  static std::uint64_t key_of(const Kind& kind, std::string_view name) {
    std::uint64_t hash = reinterpret_cast<std::uintptr_t>(&kind);
    for (const char byte : name) {
      if (byte != '_')
        hash = (hash ^ (static_cast<unsigned char>(byte) | 0x20U)) * 1'099'511'628'211ULL;
    }
    return hash;
  }

  void enter(const Kind& kind) {
    if (kind.n_fields == 0 || fields_.contains(key_of(kind, kind.fields[0].name))) return;
    for (unsigned at = 0; at < kind.n_fields; ++at) {
      [[maybe_unused]] const bool fresh =
          fields_.emplace(key_of(kind, kind.fields[at].name), &kind.fields[at]).second;
      assert(fresh);
    }
    // The one name that differs in more.
    if (&kind == &pg_query__create_foreign_table_stmt__descriptor)
      fields_.emplace(key_of(kind, "base"), &kind.fields[0]);
    for (unsigned at = 0; at < kind.n_fields; ++at) {
      if (kind.fields[at].type == PROTOBUF_C_TYPE_MESSAGE)
        enter(*static_cast<const Kind*>(kind.fields[at].descriptor));
    }
  }

  std::unordered_map<std::uint64_t, const Field*> fields_;
};

const FieldNames& field_names() {
  static const FieldNames kNames;
  return kNames;
}

template <class T>
T& member(void* message, unsigned offset) {
  return *reinterpret_cast<T*>(static_cast<std::byte*>(message) + offset);
}

void append_utf8(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0U | (code >> 6U));
    text += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    text += static_cast<char>(0xE0U | (code >> 12U));
    text += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    text += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

/// Reads JSON as libpg_query writes it: without blanks, every name known.
class TreeReader {
 public:
  TreeReader(std::string_view json, std::pmr::memory_resource& memory)
      : rest_(json), memory_(memory) {}

  ProtobufCMessage* message(const Kind& kind) {
    auto* message = static_cast<ProtobufCMessage*>(
        memory_.allocate(kind.sizeof_message, alignof(std::uint64_t)));
    kind.message_init(message);
    take('{');
    while (!take_if('}')) {
      const Field& field = names_.find(kind, string());
      take(':');
      if (field.label == PROTOBUF_C_LABEL_REPEATED)
        read_list(field, message);
      else
        read_value(field, &member<std::byte>(message, field.offset));
      if ((field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
        member<std::uint32_t>(message, field.quantifier_offset) = field.id;
      take_if(',');
    }
    return message;
  }

 private:
  bool take_if(char wanted) {
    if (rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void take(char wanted) {
    [[maybe_unused]] const bool taken = take_if(wanted);
    assert(taken);
  }

  void read_list(const Field& field, ProtobufCMessage* message) {
    // Lists are of messages, or of the numbers of a bit set.
    static_assert(sizeof(void*) == sizeof(std::uint64_t));
    assert(field.type == PROTOBUF_C_TYPE_MESSAGE || field.type == PROTOBUF_C_TYPE_UINT64);
    const std::size_t first = items_.size();
    take('[');
    while (!take_if(']')) {
      std::uint64_t item = 0;
      read_value(field, &item);
      items_.push_back(item);
      take_if(',');
    }
    const std::size_t count = items_.size() - first;
    void* stored = memory_.allocate(count * sizeof(std::uint64_t), alignof(std::uint64_t));
    std::copy_n(items_.data() + first, count, static_cast<std::uint64_t*>(stored));
    items_.resize(first);
    member<std::size_t>(message, field.quantifier_offset) = count;
    member<void*>(message, field.offset) = stored;
  }

  /// Stores one value of the field's type at `place`.
  void read_value(const Field& field, void* place) {
    switch (field.type) {
      case PROTOBUF_C_TYPE_MESSAGE:
        member<void*>(place, 0) = message(*static_cast<const Kind*>(field.descriptor));
        break;
      case PROTOBUF_C_TYPE_STRING:
        member<const char*>(place, 0) = kept(string());
        break;
      case PROTOBUF_C_TYPE_ENUM:
        member<int>(place, 0) =
            label(*static_cast<const ProtobufCEnumDescriptor*>(field.descriptor));
        break;
      case PROTOBUF_C_TYPE_BOOL:
        member<protobuf_c_boolean>(place, 0) = truth();
        break;
      case PROTOBUF_C_TYPE_INT32:
        member<std::int32_t>(place, 0) = number<std::int32_t>();
        break;
      case PROTOBUF_C_TYPE_UINT32:
        member<std::uint32_t>(place, 0) = number<std::uint32_t>();
        break;
      case PROTOBUF_C_TYPE_INT64:
        member<std::int64_t>(place, 0) = number<std::int64_t>();
        break;
      case PROTOBUF_C_TYPE_UINT64:
        member<std::uint64_t>(place, 0) = number<std::uint64_t>();
        break;
      default:
        member<double>(place, 0) = number<double>();
    }
  }

  bool truth() {
    const bool truth = rest_.front() == 't';
    rest_.remove_prefix(truth ? 4 : 5);
    return truth;
  }

  template <class T>
  T number() {
    T value{};
    const char* end = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value).ptr;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  int label(const ProtobufCEnumDescriptor& kind) {
    const std::span<const ProtobufCEnumValueIndex> names(kind.values_by_name, kind.n_value_names);
    const auto found = std::ranges::lower_bound(
        names, string(), {}, [](const auto& entry) { return std::string_view(entry.name); });
    assert(found != names.end());
    return kind.values[found->index].value;
  }

  const char* kept(std::string_view text) {
    auto* stored = static_cast<char*>(memory_.allocate(text.size() + 1, 1));
    std::memcpy(stored, text.data(), text.size());
    stored[text.size()] = '\0';
    return stored;
  }

  /// Good until the next string is read.
  std::string_view string() {
    take('"');
    const std::size_t plain = rest_.find_first_of("\"\\");
    std::string_view text = rest_.substr(0, plain);
    rest_.remove_prefix(plain);
    if (rest_.front() == '\\') {
      unescaped_ = text;
      while (rest_.front() != '"') unescape();
      text = unescaped_;
    }
    take('"');
    return text;
  }

  void unescape() {
    if (!take_if('\\')) {
      unescaped_ += rest_.front();
      rest_.remove_prefix(1);
      return;
    }
    const char escaped = rest_.front();
    rest_.remove_prefix(1);
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kMeant = "\b\f\n\r\t";
    if (escaped == 'u') {
      unsigned code = 0;
      std::from_chars(rest_.data(), rest_.data() + 4, code, 16);
      append_utf8(unescaped_, code);
      rest_.remove_prefix(4);
    } else {
      const std::size_t letter = kLetters.find(escaped);
      unescaped_ += letter == std::string_view::npos ? escaped : kMeant[letter];
    }
  }

  const FieldNames& names_ = field_names();
  std::string_view rest_;
  std::pmr::memory_resource& memory_;
  std::string unescaped_;
  std::vector<std::uint64_t> items_;  ///< of the lists that are being read, one on top of the other
};

/// Whether there is a '-' that starts no comment.
bool has_minus(std::string_view sql) {
  for (std::size_t at = sql.find('-'); at != std::string_view::npos; at = sql.find('-', at)) {
    if (sql.substr(at + 1, 1) != "-") return true;
    at = std::min(sql.find('\n', at), sql.size());
  }
  return false;
}

}  // namespace

bool json_tells_all(std::string_view json, std::string_view sql) {
  if (json.find(R"("Integer":{})") != std::string_view::npos) return false;
  return !has_minus(sql) || json.find(R"("ival":{})") == std::string_view::npos;
}

const PgQuery__ParseResult& read_tree(std::string_view json, std::pmr::memory_resource& memory) {
  return reinterpret_cast<const PgQuery__ParseResult&>(
      *TreeReader(json, memory).message(pg_query__parse_result__descriptor));
}

}  // namespace backout::postgres
