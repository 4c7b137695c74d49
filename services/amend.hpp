#pragma once
// Many facts of a record at once.

#include <map>
#include <string>
#include <utility>

#include "services/service.hpp"

namespace backout::services {

/// A record that is being made: each change happens in place. `Record::with` copies all facts each
/// time, which is quadratic in a loop over what a plan lists. It is a record wherever one is
/// wanted.
class Amended {
 public:
  Amended() = default;
  Amended(const Record& from) : facts_(from.facts()) {}
  Amended& with(const std::string& key, std::string value) {
    facts_[key] = std::move(value);
    return *this;
  }
  Amended& without(const std::string& key) {
    facts_.erase(key);
    return *this;
  }
  bool has(const std::string& key) const { return facts_.contains(key); }
  /// The fact's value; empty when it is absent.
  std::string get(const std::string& key) const {
    const auto found = facts_.find(key);
    return found == facts_.end() ? std::string() : found->second;
  }
  operator Record() const { return Record(facts_); }
  StatePtr share() const { return std::make_shared<const Record>(facts_); }

 private:
  std::map<std::string, std::string> facts_;
};

}  // namespace backout::services
