#pragma once
// Answers remembered by what they depend on. A question about a world reads some of its states; the
// answer holds for every world that has the same ones, whatever the rest looks like.

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace backout::simulator {

/// A world as numbers of states, by service.
using Row = std::vector<std::uint32_t>;

struct RowHash {
  std::size_t operator()(const Row& row) const {
    std::uint64_t hash = row.size();
    for (const std::uint32_t id : row) {
      hash = (hash ^ id) * 0x9e3779b97f4a7c15ULL;
      hash ^= hash >> 29;
    }
    return hash;
  }
};

/// The answers to one question.
///
/// Sound because questions are pure functions: one that read the states at `read` and found the
/// same there again would read the same states and say the same.
template <typename Answer>
class Recall {
 public:
  /// The answer for `row`; nullptr when it is not known.
  const Answer* find(const Row& row) const {
    for (const Shape& shape : shapes_) {
      const auto found = shape.answers.find(project(row, shape.read));
      if (found != shape.answers.end()) return &found->second;
    }
    return nullptr;
  }

  /// Remembers the answer for `row`, worked out from the states whose flags are set.
  const Answer& add(const Row& row, const std::vector<bool>& flags, Answer answer) {
    std::vector<std::uint32_t> read;
    for (std::uint32_t i = 0; i < flags.size(); ++i) {
      if (flags[i]) read.push_back(i);
    }
    for (Shape& shape : shapes_) {
      if (shape.read == read)
        return shape.answers.insert_or_assign(project(row, read), std::move(answer)).first->second;
    }
    shapes_.push_back({read, {}});
    return shapes_.back().answers.emplace(project(row, read), std::move(answer)).first->second;
  }

 private:
  /// Answers that depend on the same services.
  struct Shape {
    std::vector<std::uint32_t> read;
    std::unordered_map<Row, Answer, RowHash> answers;
  };

  static Row project(const Row& row, const std::vector<std::uint32_t>& read) {
    Row part;
    part.reserve(read.size());
    for (const std::uint32_t service : read) part.push_back(row[service]);
    return part;
  }

  std::vector<Shape> shapes_;
};

}  // namespace backout::simulator
