#pragma once
// `edactl doctor`: what works between here and the brokers, and how to mend what does not.

#include "cli/command.h"

namespace eda::cli {

Command doctor_command();

}  // namespace eda::cli
