#pragma once
// service: handing services over.

#include "cli/command.h"

namespace eda::cli {

Command service_command();

}  // namespace eda::cli
