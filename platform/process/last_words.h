#pragma once
// What is told of an exception that nobody caught.

namespace eda::process {

/// From now on the log says what ended the process: the exception, and the return addresses from where it was thrown
/// on, as offsets that `addr2line -Cfpe PROGRAM` reads. Call it once, at start.
void tell_last_words();

}  // namespace eda::process
