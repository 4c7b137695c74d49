// PostgreSQL walks its trees with a function that knows every kind of node
// (raw_expression_tree_walker() in nodeFuncs.c). Here the descriptors of the protobuf messages tell
// where messages lie.
// Left out: fields that are no messages; the order of a walk is that of the fields, not that of the
// text.
#include "postgres/read/tree_walk.hpp"

#include <cstddef>
#include <cstdint>

namespace backout::postgres {
namespace {

template <class T>
const T& member(const ProtobufCMessage& message, unsigned offset) {
  return *reinterpret_cast<const T*>(reinterpret_cast<const std::byte*>(&message) + offset);
}

using Visit = std::function<bool(const ProtobufCMessage&)>;

bool is_set(const ProtobufCMessage& message, const ProtobufCFieldDescriptor& field) {
  if ((field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) return true;
  return member<std::uint32_t>(message, field.quantifier_offset) == field.id;
}

void walk_field(const ProtobufCMessage& message, const ProtobufCFieldDescriptor& field,
                const Visit& visit) {
  if (field.type != PROTOBUF_C_TYPE_MESSAGE || !is_set(message, field)) return;
  if (field.label == PROTOBUF_C_LABEL_REPEATED) {
    const auto count = member<std::size_t>(message, field.quantifier_offset);
    const auto* items = member<ProtobufCMessage* const*>(message, field.offset);
    for (std::size_t item = 0; item < count; ++item) {
      if (items[item] != nullptr) walk(*items[item], visit);
    }
  } else if (const auto* below = member<const ProtobufCMessage*>(message, field.offset)) {
    walk(*below, visit);
  }
}

}  // namespace

void walk(const ProtobufCMessage& message, const Visit& visit) {
  if (!visit(message)) return;
  const ProtobufCMessageDescriptor& kind = *message.descriptor;
  if (&kind == &pg_query__node__descriptor) {
    // A union of hundreds of kinds, of which one is set.
    const unsigned set = reinterpret_cast<const PgQuery__Node&>(message).node_case;
    if (const auto* field = protobuf_c_message_descriptor_get_field(&kind, set))
      walk_field(message, *field, visit);
    return;
  }
  for (unsigned at = 0; at < kind.n_fields; ++at) walk_field(message, kind.fields[at], visit);
}

bool is_change_of_rows(const ProtobufCMessage& message) {
  return message.descriptor == &pg_query__insert_stmt__descriptor ||
         message.descriptor == &pg_query__update_stmt__descriptor ||
         message.descriptor == &pg_query__delete_stmt__descriptor;
}

void for_each_column(const PgQuery__Node& node,
                     const std::function<void(const PgQuery__ColumnRef&)>& visit) {
  walk(node.base, [&](const ProtobufCMessage& message) {
    if (message.descriptor != &pg_query__column_ref__descriptor) return true;
    visit(reinterpret_cast<const PgQuery__ColumnRef&>(message));
    return false;
  });
}

}  // namespace backout::postgres
