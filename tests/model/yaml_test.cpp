// Places: of values in files, of bytes in values.
#include "model/yaml.hpp"

#include <gtest/gtest.h>

#include "model/load.hpp"
#include "model/render.hpp"

namespace backout::model {
namespace {

struct Read {
  explicit Read(std::string text) {
    sources.add("plan.yaml", std::move(text));
    document = parse_yaml(sources, 0);
  }
  const Node& at(std::string_view key) const { return *document.root->find(key); }
  std::string text_at(const Span& span) const {
    return sources[0].text().substr(span.begin, span.end - span.begin);
  }

  Sources sources;
  Document document;
};

TEST(Yaml, ValuesKnowTheirBytes) {
  const Read read(
      "a: plain\nb: \"quo\\tted\"\nc: 'it''s'\nd: [1, {e: 2}]\nf:\n  - x\n  - y: z\ng: end\n");
  EXPECT_EQ(read.text_at(read.at("a").span), "plain");
  EXPECT_EQ(read.text_at(read.at("b").span), "\"quo\\tted\"");
  EXPECT_EQ(read.at("b").text, "quo\tted");
  EXPECT_EQ(read.text_at(read.at("c").span), "'it''s'");
  EXPECT_EQ(read.text_at(read.at("d").span), "[1, {e: 2}]");
  EXPECT_EQ(read.text_at(read.at("f").span), "- x\n  - y: z");
  EXPECT_EQ(read.text_at(read.document.root->entries[0].key_span), "a");
}

void expect_places(const Node& node, std::size_t size) {
  EXPECT_LE(node.span.begin, node.span.end) << node.text;
  EXPECT_LE(node.span.end, size) << node.text;
  for (const Node& item : node.items) expect_places(item, size);
  for (const Node::Entry& entry : node.entries) expect_places(entry.value, size);
}

TEST(Yaml, WhatATagStandsBeforeEndsBehindItsBeginning) {
  for (const char* text : {"a: :\nb:\n  c:\n   !- {id: x, y: z}\n", "a:\n  !x\n  - 1\n",
                           "- !x\n- &y\n", "a: !!map\nb: 1\n"}) {
    Sources sources;
    sources.add("other.yaml", text);
    for (const Node& node : parse_yaml_stream(sources, 0).documents)
      expect_places(node, std::string_view(text).size());
    const Document document = parse_yaml(sources, 0);
    if (document.root) expect_places(*document.root, std::string_view(text).size());
  }
}

// libfyaml 0.7.12 gives the key back twice, and ended the process when its parser was taken apart.
TEST(Yaml, ATabBehindTheColonOfAQuestionIsRefused) {
  for (const char* text :
       {"? c:\t:", "? a\n? b:\t: c\n", "- ? c:\t- d\n", "? c:\t|\n  d\n", "? c: \t>\n"}) {
    Sources sources;
    const std::uint32_t file = sources.add("plan.yaml", text);
    const Document document = parse_yaml(sources, file);
    ASSERT_EQ(document.mistakes.size(), 1U) << text;
    EXPECT_EQ(document.mistakes[0].message,
              "syntax error: cannot use tab for indentation of block entry")
        << text;
    EXPECT_FALSE(document.root) << text;
    EXPECT_TRUE(parse_yaml_stream(sources, file).documents.empty()) << text;
  }
}

TEST(Yaml, PlainWordsHaveTheTypesOfTheCoreSchema) {
  const Read read(
      "i: -12\nh: 0x1F\no: 0o17\nr: 1.5e3\nb: true\nn: ~\ns: yes\nq: \"5\"\nu: unknown\nv: "
      "v1.2.3\nt: 02:00\n");
  EXPECT_EQ(read.at("i").as_integer(), -12);
  EXPECT_EQ(read.at("h").as_integer(), 31);
  EXPECT_EQ(read.at("o").as_integer(), 15);
  EXPECT_EQ(read.at("r").as_number(), 1500);
  EXPECT_EQ(read.at("b").as_boolean(), true);
  EXPECT_EQ(read.at("n").type, Node::Type::null);
  EXPECT_EQ(read.at("s").type, Node::Type::string);
  EXPECT_EQ(read.at("q").type, Node::Type::string);
  EXPECT_TRUE(read.at("u").is_unknown());
  EXPECT_EQ(read.at("v").type, Node::Type::string);
  EXPECT_EQ(read.at("t").type, Node::Type::string);
}

TEST(Yaml, BytesOfBlocksHaveTheirPlaceInTheFile) {
  const Read read(
      "sql: |\n    SELECT 1;\n      DROP x;\nplain: DROP y\nquoted: \"DROP z\"\nfolded: >\n  one\n "
      " two\n");
  const auto place = [&](std::string_view key, std::string_view word) {
    const Node& node = read.at(key);
    const std::size_t begin = node.text.find(word);
    return place_in(node, read.sources, begin, begin + word.size());
  };
  EXPECT_EQ(render_place(place("sql", "DROP"), read.sources), "plan.yaml:3:7");
  EXPECT_EQ(read.text_at(place("sql", "DROP x")), "DROP x");
  EXPECT_EQ(read.text_at(place("plain", "y")), "y");
  EXPECT_EQ(read.text_at(place("quoted", "z")), "z");
  EXPECT_EQ(read.text_at(place("folded", "two")), "one\n  two");
}

TEST(Yaml, AliasesCopyTheValue) {
  const Read read("a: &x {k: [1, 2]}\nb: *x\n");
  ASSERT_TRUE(read.document.mistakes.empty());
  EXPECT_EQ(read.at("b").find("k")->items.size(), 2u);
}

TEST(Yaml, ReadsJsonWithItsEscapes) {
  const Read read("{\"a\": \"x\\/\\u00e9\\ud83d\\ude00\",\n\t\"b\": [1, 2.5, null]}");
  ASSERT_TRUE(read.document.root);
  EXPECT_EQ(read.at("a").text, "x/\u00e9\U0001F600");
  EXPECT_EQ(read.at("b").items.size(), 3u);
}

/// libfyaml reads them again and again: 100 kB of them would take ten seconds.
TEST(Yaml, AListInBracketsMayEndWhereItsKeyBegins) {
  Sources sources;
  sources.add("plan.yaml", "a:\n  test: [\n    x,\n    y,\n  ]\n  b: 1\n");
  const Document document = parse_yaml(sources, 0);
  ASSERT_TRUE(document.root) << document.mistakes[0].message;
  EXPECT_EQ(document.root->find("a")->find("test")->as_strings(),
            (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(document.root->find("a")->find("b")->text, "1");
}

TEST(Yaml, AStreamSaysWhereAndWhyItEnds) {
  Sources sources;
  sources.add("good.yaml", "a: 1\n---\nb: 2\n");
  sources.add("bad.yaml", "a: 1\n---\nb: [\n");
  sources.add("latin.yaml", "a: \xe9\n");
  const DocumentStream good = parse_yaml_stream(sources, 0);
  EXPECT_EQ(good.documents.size(), 2U);
  EXPECT_FALSE(good.mistake);
  const DocumentStream bad = parse_yaml_stream(sources, 1);
  EXPECT_EQ(bad.documents.size(), 1U);
  ASSERT_TRUE(bad.mistake);
  EXPECT_EQ(sources.place(bad.mistake->span).line, 4U);
  const DocumentStream latin = parse_yaml_stream(sources, 2);
  EXPECT_EQ(latin.documents.size(), 0U);
  ASSERT_TRUE(latin.mistake);
  EXPECT_EQ(latin.mistake->message, "the file is not UTF-8 text");
}

TEST(Yaml, BlankLinesInARowHaveALimit) {
  Sources sources;
  sources.add("few", "a: |\n  x\n" + std::string(500, '\n') + "  y\n");
  sources.add("many", "a: |\n  x\n" + std::string(501, '\n') + "  y\n");
  EXPECT_TRUE(parse_yaml(sources, 0).mistakes.empty());
  const Document many = parse_yaml(sources, 1);
  ASSERT_EQ(many.mistakes.size(), 1U);
  EXPECT_EQ(many.mistakes[0].message, "more than 500 blank lines in a row");
  EXPECT_EQ(sources.place(many.mistakes[0].span).line, 503U);
  EXPECT_TRUE(parse_yaml_stream(sources, 1).documents.empty());
}

TEST(Render, ColumnsAreCodePointsAndTabsStay) {
  Sources sources;
  sources.add("a.yaml", "first\n\t\u00e9\u00e9: bad\n");
  const Span span{0, 13, 16};
  EXPECT_EQ(render({span, "no", "yes"}, sources),
            "a.yaml:2:6: error: no\n"
            "      |\n"
            "    2 | \t\u00e9\u00e9: bad\n"
            "      | \t    ^^^\n"
            "      hint: yes\n");
}

TEST(Render, LongLinesAreCutAroundTheCarets) {
  Sources sources;
  sources.add("a.yaml", std::string(500, 'x') + "HERE" + std::string(500, 'y'));
  const std::string text = render_carets({0, 500, 504}, sources, "this");
  EXPECT_NE(text.find("...xxx"), std::string::npos);
  EXPECT_NE(text.find("HEREyyy"), std::string::npos);
  EXPECT_NE(text.find("^^^^ this\n"), std::string::npos);
  EXPECT_LT(text.size(), 500u);
}

TEST(Nearest, FindsTypingMistakesAndNothingElse) {
  const std::vector<std::string> known = {"target", "takes", "timeout", "db"};
  EXPECT_EQ(nearest("taget", known), "target");
  EXPECT_EQ(nearest("targte", known), "target");
  EXPECT_EQ(nearest("dv", known), "db");
  EXPECT_EQ(nearest("colour", known), "");
  EXPECT_EQ(nearest("x", known), "");
  EXPECT_EQ(nearest("", known), "");
}

}  // namespace
}  // namespace backout::model
