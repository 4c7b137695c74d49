#pragma once
// Assertions for GoogleTest, which must be there; link backout::simulator and GTest::gtest.

#include "simulator/testing/googletest.hpp"
