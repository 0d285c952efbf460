#include "harness/spec/well_formed.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atspec::spec {
namespace {

/// "offset: message; …"
std::string breaches(std::string_view text) {
  std::string out;
  for (const auto& one : breaches_of_xml(text))
    out += (out.empty() ? "" : "; ") + std::to_string(one.offset) + ": " + one.message;
  return out;
}

TEST(WellFormed, WhatXmlAllowsIsNoBreach) {
  for (const char* text : {"<a/>", "<?xml version='1.0'?>\n<!-- < & -- >--><a b='>' c=\"'&lt;&#39;&#x2F;\"/>\n<!-- -->",
                           "<a>&amp;<![CDATA[ < & ]]><b c = 'd'/></a>",
                           "\xEF\xBB\xBF<a>\xC3\xA4\xE2\x82\xAC\xF0\x9F\x99\x82</a>", "<a><b></b ></a>\r\n"})
    EXPECT_EQ(breaches(text), "") << text;
}

TEST(WellFormed, WhatXmlForbidsIsSaidWhereItStands) {
  EXPECT_EQ(breaches("<a b='1 < 2'/>"), "8: a < in an attribute is written &lt;");
  EXPECT_EQ(breaches("<a b='&nbsp;'/>"), "6: an & stands for itself only as &amp;");
  EXPECT_EQ(breaches("<a>&</a>"), "3: an & stands for itself only as &amp;");
  EXPECT_EQ(breaches("<a>&#xZ; &#; &lt</a>").size(),
            std::string("3: an & stands for itself only as &amp;").size() * 3 + 5);
  EXPECT_EQ(breaches("<a b='1' c='' b='2'/>"), "14: the attribute b is there twice");
  EXPECT_EQ(breaches("<a/><a/>"), "4: a second root element");
  EXPECT_EQ(breaches("<a></a> x"), "8: text outside of the root element");
  EXPECT_EQ(breaches("<!DOCTYPE a><a/>"), "0: a document type is not read here");
}

// RFC 3629 §3: no overlong forms, no surrogates, nothing above U+10FFFF
TEST(WellFormed, BytesThatAreNoUtf8AreFound) {
  for (const char* bytes : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82"}) {
    const std::string found = breaches("<a>" + std::string(bytes) + "</a>");
    EXPECT_TRUE(found.starts_with("3: the byte ")) << found;
  }
  EXPECT_EQ(breaches(std::string_view("<a>\0</a>", 8)), "3: the control character 00 is not allowed in XML");
}

RC_GTEST_PROP(WellFormed, AnyBytesAreScannedToTheirEnd, ()) {
  const auto piece =
      rc::gen::oneOf(rc::gen::element<std::string>("<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>",
                                                   "<!", "&", ";", "=", "'", "\"", " ", "a", "<a b='", "\xC3\xA4"),
                     rc::gen::arbitrary<std::string>());
  std::string text;
  for (const auto& one : *rc::gen::container<std::vector<std::string>>(piece)) text += one;
  for (const auto& one : breaches_of_xml(text)) RC_ASSERT(one.offset < text.size());
}

}  // namespace
}  // namespace atspec::spec
