#pragma once
// Generators and checks for rapidcheck, which must be there; link backout::simulator and
// rapidcheck.

#include "simulator/testing/rapidcheck.hpp"
