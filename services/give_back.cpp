#include "services/give_back.hpp"

#include <utility>

namespace backout::services {

model::Node text_node(std::string text) {
  model::Node node;
  node.type = model::Node::Type::string;
  node.text = std::move(text);
  return node;
}

void GiveBack::give(const std::string& name, std::string value) {
  given_.type = model::Node::Type::map;
  given_.entries.push_back({name, action_.span, text_node(std::move(value))});
}

void GiveBack::take(std::string name) {
  taken_.type = model::Node::Type::list;
  taken_.items.push_back(text_node(std::move(name)));
}

Undo GiveBack::undo(std::string verb, const NodeArg& given, const ListArg& taken) const {
  if (given_.entries.empty() && taken_.items.empty()) return nothing_to_undo();
  Action back = same_service(action_, std::move(verb), {});
  if (!given_.entries.empty()) back.args.entries.push_back({given.name(), action_.span, given_});
  if (!taken_.items.empty()) back.args.entries.push_back({taken.name(), action_.span, taken_});
  return {Undo::Class::exact, "", {std::move(back)}};
}

}  // namespace backout::services
