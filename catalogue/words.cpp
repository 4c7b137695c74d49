// Conditions over the words of a command.
#include <algorithm>

#include "catalogue/tool.hpp"

namespace backout::catalogue {

namespace {

bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0, t = 0, star = glob.npos, mark = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      mark = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != glob.npos) {
      g = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

bool holds(const Atom& atom, const Words& words) {
  using Type = Atom::Type;
  switch (atom.type) {
    case Type::option:
      return std::ranges::any_of(words.options, [&](const Words::Option& option) {
        return option.name == atom.name &&
               (!atom.has_glob || (option.has_value && matches(atom.glob, option.value.text)));
      });
    case Type::argument:
      return words.arguments.size() >= atom.number &&
             (!atom.has_glob || matches(atom.glob, words.arguments[atom.number - 1].text));
    case Type::any_argument:
      return std::ranges::any_of(
          words.arguments, [&](const Words::Word& word) { return matches(atom.glob, word.text); });
    case Type::more_arguments:
      return words.arguments.size() > atom.number;
    case Type::fewer_arguments:
      return words.arguments.size() < atom.number;
    case Type::input:
      return words.has_input;
    case Type::environment:
      return std::ranges::any_of(words.environment, [&](const std::string& assignment) {
        return assignment.size() > atom.name.size() && assignment.starts_with(atom.name) &&
               assignment[atom.name.size()] == '=';
      });
  }
  return false;
}

}  // namespace

bool is_placeholder(std::string_view word) { return word.find_first_of("$<>{}`") != word.npos; }

bool matches(std::string_view glob, std::string_view text) { return glob_matches(glob, text); }

const Words::Option* Words::find(std::string_view canonical) const {
  const auto found = std::ranges::find(options, canonical, &Option::name);
  return found == options.end() ? nullptr : &*found;
}

bool holds(const Condition& condition, const Words& words) {
  const auto group_holds = [&](const std::vector<Atom>& group) {
    return std::ranges::any_of(group, [&](const Atom& atom) { return holds(atom, words); });
  };
  return std::ranges::all_of(condition.when, group_holds) &&
         std::ranges::none_of(condition.unless, group_holds);
}

}  // namespace backout::catalogue
