#include "services/postgres/tree_walk.hpp"

#include <cstddef>
#include <cstdint>

namespace backout::postgres {
namespace {

template <class T>
const T& member(const ProtobufCMessage& message, unsigned offset) {
  return *reinterpret_cast<const T*>(reinterpret_cast<const std::byte*>(&message) + offset);
}

bool is_set(const ProtobufCMessage& message, const ProtobufCFieldDescriptor& field) {
  if ((field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) return true;
  return member<std::uint32_t>(message, field.quantifier_offset) == field.id;
}

}  // namespace

void walk(const ProtobufCMessage& message, const std::function<bool(const ProtobufCMessage&)>& visit) {
  if (!visit(message)) return;
  for (unsigned at = 0; at < message.descriptor->n_fields; ++at) {
    const ProtobufCFieldDescriptor& field = message.descriptor->fields[at];
    if (field.type != PROTOBUF_C_TYPE_MESSAGE || !is_set(message, field)) continue;
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
}

void for_each_column(const PgQuery__Node& node, const std::function<void(const PgQuery__ColumnRef&)>& visit) {
  walk(node.base, [&](const ProtobufCMessage& message) {
    if (message.descriptor != &pg_query__column_ref__descriptor) return true;
    visit(reinterpret_cast<const PgQuery__ColumnRef&>(message));
    return false;
  });
}

}  // namespace backout::postgres
