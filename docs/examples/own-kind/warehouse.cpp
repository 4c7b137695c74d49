// A warehouse whose robots put goods by a layout.
//
// What the real thing does: a new layout moves nothing; a sort moves every good to where the layout
// has it, for hours. A layout can be changed while the shelves are sorted by the other one: robots
// then find nothing, and refuse to pick. What this fake leaves out: goods, time.
//
// Facts: layout, sorted_by.
#include "warehouse.hpp"

#include <fmt/format.h>

#include <backout/services.hpp>

using namespace backout::services;
using backout::model::ValueType;

namespace {

constexpr TextArg kLayout =
    TextArg("layout", "The layout by which robots look from now on.").required();
constexpr FlagArg kSorted(
    "sort", "The goods are sorted by it before the first robot looks (default false).");

std::vector<VerbRow> verbs() {
  return {
      {{"lay_out", {kLayout, kSorted}, "Changes the layout."},
       [](const Call& call) {
         const Record next = call.now.with("layout", call.arg(kLayout));
         return call.becomes(call.arg(kSorted) ? next.with("sorted_by", call.arg(kLayout)) : next);
       },
       [](const Call& call) {
         const bool sorted = call.now.get("layout") == call.now.get("sorted_by");
         if (call.arg(kSorted) && !sorted) return no_undo("where the goods were, nobody recorded");
         const std::string sort = call.arg(kSorted) ? "true" : "false";
         return call.back("lay_out", {{"layout", call.now.get("layout")}, {"sort", sort}});
       },
       no_traits},
      {{"sort", {}, "Moves every good to where the layout has it."},
       [](const Call& call) {
         return call.becomes(call.now.with("sorted_by", call.now.get("layout")));
       },
       [](const Call& call) {
         return call.now.get("sorted_by") == call.now.get("layout")
                    ? nothing_to_undo()
                    : no_undo("where the goods were, nobody recorded");
       },
       no_traits}};
}

}  // namespace

std::unique_ptr<const Kind> make_warehouse() {
  KindRow row;
  row.name = "warehouse";
  row.help = "Shelves that robots fill by a layout.";
  row.fields = {field("layout", ValueType::string, "The layout before the deploy.", true)};
  row.verbs = verbs();
  row.initial = [](const Context& context, ServiceIndex self,
                   std::vector<backout::model::Mistake>&) {
    const std::string layout = context.plan().services[self].fields.text("layout");
    return Record().with("layout", layout).with("sorted_by", layout);
  };
  row.operate = [](const Context&, const World& world, const Operation& operation,
                   const std::string&) {
    const Record& now = world.record(operation.on);
    if (now.get("layout") == now.get("sorted_by")) return Outcome::done();
    return Outcome::refused(fmt::format("the robots look by '{}', and the goods are sorted by '{}'",
                                        now.get("layout"), now.get("sorted_by")));
  };
  return make_kind(std::move(row));
}
