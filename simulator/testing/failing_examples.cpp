#include "simulator/testing/failing_examples.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "model/render.hpp"

namespace backout::simulator {
namespace {

constexpr std::string_view kBetween = "---\n";

std::vector<std::string> parts_of(const std::string& file) {
  std::vector<std::string> parts;
  if (!std::filesystem::exists(file)) return parts;
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  parts.emplace_back();
  for (std::string line; std::getline(in, line);) {
    if (line == "---") {
      parts.emplace_back();
    } else {
      parts.back() += line + "\n";
    }
  }
  std::erase_if(parts, [](const std::string& part) {
    return part.find_first_not_of(" \t\r\n") == std::string::npos;
  });
  return parts;
}

}  // namespace

FailingExamples::FailingExamples(std::string file) : file_(std::move(file)) {
  for (std::string& part : parts_of(file_)) {
    auto scenario = load_scenario_text(file_, std::move(part));
    if (!scenario) {
      std::string all;
      for (const model::Mistake& mistake : scenario.error().mistakes)
        all += model::render(mistake, *scenario.error().sources);
      throw std::runtime_error(all);
    }
    all_.push_back(std::move(*scenario));
  }
}

std::vector<Scenario> FailingExamples::of(std::string_view property) const {
  std::vector<Scenario> some;
  std::ranges::copy_if(all_, std::back_inserter(some),
                       [&](const Scenario& each) { return each.name == property; });
  return some;
}

void FailingExamples::add(std::string_view property, Scenario scenario) {
  scenario.name = property;
  const std::string text = to_yaml(scenario);
  if (std::ranges::any_of(all_, [&](const Scenario& each) { return to_yaml(each) == text; }))
    return;
  all_.push_back(std::move(scenario));
  std::ofstream out(file_);
  for (std::size_t i = 0; i < all_.size(); ++i) out << (i > 0 ? kBetween : "") << to_yaml(all_[i]);
  if (!out.flush()) throw std::runtime_error("cannot write " + file_);
}

}  // namespace backout::simulator
