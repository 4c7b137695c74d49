#include "analyzer/graph.hpp"

#include <algorithm>
#include <map>
#include <ostream>
#include <tuple>

// g++ 12 takes an optional edge of the graph for uninitialized.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>

#include "model/printable.hpp"

namespace backout::analyzer {

namespace {

/// Who wrote each resource last. A write of a whole forgets the writes of its parts, so that the
/// map stays small.
class LastWriters {
 public:
  /// The writers of everything that overlaps `path`: itself, what holds it, what it holds.
  void overlapping(const std::string& path, std::map<model::StepIndex, std::string>& found) const {
    for (std::size_t dot = path.find('.'); dot != std::string::npos;
         dot = path.find('.', dot + 1)) {
      const auto holder = writers_.find(path.substr(0, dot));
      if (holder != writers_.end()) found.emplace(holder->second, holder->first);
    }
    for (auto it = writers_.lower_bound(path);
         it != writers_.end() && services::overlaps(path, it->first); ++it) {
      found.emplace(it->second, it->first);
    }
  }

  void write(const std::string& path, model::StepIndex step) {
    auto it = writers_.lower_bound(path);
    while (it != writers_.end() && services::overlaps(path, it->first)) it = writers_.erase(it);
    writers_[path] = step;
  }

 private:
  std::map<std::string, model::StepIndex> writers_;
};

void add_data_edges(const Facts& facts, model::StepIndex begin, model::StepIndex end,
                    std::vector<GraphEdge>& edges) {
  LastWriters writers;
  for (model::StepIndex step = begin; step < end; ++step) {
    std::map<model::StepIndex, std::string> sources;
    for (const std::string& path : facts.footprints[step].reads) writers.overlapping(path, sources);
    for (const std::string& path : facts.footprints[step].writes)
      writers.overlapping(path, sources);
    for (const auto& [from, path] : sources)
      edges.push_back({from, step, GraphEdge::Type::data, path});
    for (const std::string& path : facts.footprints[step].writes) writers.write(path, step);
  }
}

std::string in_quotes(std::string_view text) {
  std::string escaped;
  for (const char c : model::printable(text)) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return fmt::format("\"{}\"", escaped);
}

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                    std::size_t>;

/// The steps of the graph in an order that respects its edges, undo edges included; the listed
/// order breaks ties.
std::vector<model::StepIndex> drawing_order(std::size_t steps,
                                            const std::vector<GraphEdge>& edges) {
  Graph graph(steps);
  for (const GraphEdge& edge : edges) boost::add_edge(edge.from, edge.to, graph);
  std::vector<Graph::vertex_descriptor> order;
  std::vector<model::StepIndex> result;
  try {
    boost::topological_sort(graph, std::back_inserter(order));
    result.assign(order.rbegin(), order.rend());
  } catch (
      const boost::not_a_dag&) {  // a path may contradict the order of its undos: draw as listed
    for (model::StepIndex step = 0; step < steps; ++step) result.push_back(step);
  }
  return result;
}

}  // namespace

std::vector<GraphEdge> dependency_edges(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  const auto count = static_cast<model::StepIndex>(plan.steps.size());
  const auto deployed = static_cast<model::StepIndex>(plan.deploy_count);
  std::vector<GraphEdge> edges;
  for (model::StepIndex step = 0; step < count; ++step) {
    for (const model::StepIndex before : predecessors(plan, step))
      edges.push_back({before, step, GraphEdge::Type::order, ""});
    if (plan.steps[step].undo.type == model::UndoRef::Type::step)
      edges.push_back({step, plan.steps[step].undo.step, GraphEdge::Type::undo, ""});
    for (const model::StepIndex undone : plan.steps[step].undoes)
      edges.push_back({undone, step, GraphEdge::Type::undo, ""});
  }
  add_data_edges(facts, 0, deployed, edges);
  add_data_edges(facts, deployed, count, edges);
  std::sort(edges.begin(), edges.end(), [](const GraphEdge& a, const GraphEdge& b) {
    return std::tie(a.to, a.from, a.type, a.label) < std::tie(b.to, b.from, b.type, b.label);
  });
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

void write_dot(const Facts& facts, std::ostream& out) {
  const model::Plan& plan = *facts.plan;
  const std::vector<GraphEdge> edges = dependency_edges(facts);
  const std::vector<model::StepIndex> order = drawing_order(plan.steps.size(), edges);
  fmt::print(out, "digraph {} {{\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n",
             in_quotes(plan.name));
  for (const bool rollback : {false, true}) {
    fmt::print(out, "  subgraph cluster_{} {{\n    label={};\n", rollback ? "rollback" : "deploy",
               in_quotes(rollback ? "rollback" : "deploy"));
    for (const model::StepIndex step : order) {
      const model::Step& each = plan.steps[step];
      if ((step >= plan.deploy_count) != rollback) continue;
      const std::string on =
          each.target == model::kNone ? "" : fmt::format(" on {}", plan.services[each.target].name);
      const bool destroys = !facts.traits[step].destroys.empty();
      fmt::print(out, "    {} [label={}{}{}];\n", in_quotes(each.id),
                 in_quotes(fmt::format("{}: {}{}", each.id, each.verb, on)),
                 destroys ? ", color=red" : "", each.point_of_no_return ? ", peripheries=2" : "");
    }
    out << "  }\n";
  }
  for (const GraphEdge& edge : edges) {
    const char* style = edge.type == GraphEdge::Type::order ? ""
                        : edge.type == GraphEdge::Type::undo
                            ? " [style=dashed, color=blue, constraint=false]"
                            : " [color=gray]";
    fmt::print(out, "  {} -> {}{};\n", in_quotes(plan.steps[edge.from].id),
               in_quotes(plan.steps[edge.to].id), style);
  }
  out << "}\n";
}

}  // namespace backout::analyzer
