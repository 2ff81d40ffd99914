/// Hot loops of the judge and of the statistics. Sealed against self-improvement.
#pragma once

#include "edge_values.h"
#include "field_numbers.h"
#include "input_values.h"
#include "interpreter.h"
#include "random_numbers.h"
#include "reference_values.h"
#include "sequential_test.h"
#include "statistics.h"
#include "symbolic_nodes.h"
#include "symbolic_rules.h"
#include "symbolic_values.h"
