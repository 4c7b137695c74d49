#include "fuzz/inputs.hpp"
#include "support/places.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = kSourceDir;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A word of a dictionary between its quotes; `\xAB`, `\\` and `\"` stand for bytes.
std::string unescaped(const std::string& line) {
  const std::size_t begin = line.find('"');
  const std::size_t end = line.rfind('"');
  std::string word;
  if (begin == std::string::npos || line.front() == '#') return word;
  for (std::size_t at = begin + 1; at < end; ++at) {
    if (line[at] != '\\') {
      word += line[at];
    } else if (line[at + 1] == 'x') {
      word += static_cast<char>(std::stoi(line.substr(at + 2, 2), nullptr, 16));
      at += 3;
    } else {
      word += line[++at];
    }
  }
  return word;
}

}  // namespace

std::vector<FuzzTarget> fuzz_targets() {
  std::vector<FuzzTarget> targets;
  std::istringstream table(content_of(kSource / "fuzz/targets.tsv"));
  for (std::string line; std::getline(table, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream row(line);
    FuzzTarget target;
    row >> target.name >> target.executions >> target.longest;
    for (std::string folder; row >> folder;) target.folders.push_back(folder);
    if (fs::exists(kSource / "fixtures/fuzz" / target.name))
      target.folders.push_back("fixtures/fuzz/" + target.name);
    targets.push_back(std::move(target));
  }
  return targets;
}

std::vector<std::string> seeds_of(const FuzzTarget& target) {
  std::vector<fs::path> files;
  for (const std::string& folder : target.folders) {
    for (const auto& entry : fs::recursive_directory_iterator(kSource / folder)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  std::vector<std::string> seeds;
  for (const fs::path& file : files) seeds.push_back(content_of(file).substr(0, target.longest));
  return seeds;
}

std::vector<std::string> dictionary_of(const std::string& target) {
  std::vector<std::string> words;
  std::ifstream in(kSource / "fuzz/dictionaries" / (target + ".dict"));
  for (std::string line; std::getline(in, line);) {
    if (std::string word = unescaped(line); !word.empty()) words.push_back(std::move(word));
  }
  return words;
}

std::string Mutator::line() {
  const std::string& other = seeds_[below(seeds_.size())];
  const std::size_t begin =
      other.rfind('\n', below(other.size() + 1)) + 1;  // npos + 1: the beginning
  const std::size_t end = other.find('\n', std::min(begin, other.size()));
  return other.substr(begin, end == std::string::npos ? end : end + 1 - begin);
}

void Mutator::change(std::string& text) {
  if (below(2) == 0) {  // whole lines: what comes of it is often still valid
    const std::size_t begin = text.rfind('\n', below(text.size() + 1)) + 1;
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (below(4) == 0)
      text.erase(begin, end + 1 - begin);
    else
      text.insert(begin, line());
    return;
  }
  const std::size_t at = below(text.size() + 1);
  const std::size_t length = below(std::min<std::size_t>(text.size() - at, 16) + 1);
  switch (below(words_.empty() ? 6 : 8)) {
    case 0:
      text.insert(at, 1, byte());
      break;
    case 1:
      text.erase(at, length);
      break;
    case 2:
      text.insert(below(text.size() + 1), text.substr(at, length));
      break;
    case 3:
      if (at < text.size()) text[at] = byte();
      break;
    case 4:
      text.insert(at, 1 + below(64), text.empty() ? byte() : text[below(text.size())]);
      break;
    case 5: {
      const std::string& other = seeds_[below(seeds_.size())];
      text = text.substr(0, at) + other.substr(below(other.size() + 1));
      break;
    }
    default:
      text.insert(at, words_[below(words_.size())]);
  }
}

std::string Mutator::next() {
  // Where there are no seeds, a walk: of twenty inputs nineteen go on from the one before.
  const bool goes_on = bare_ && below(20) > 0;
  std::string text = goes_on ? last_ : seeds_[below(seeds_.size())];
  for (std::size_t times = 1 + below(4); times > 0; --times) change(text);
  if (text.size() > longest_) text.resize(longest_);
  last_ = text;
  return text;
}

}  // namespace backout::tests
