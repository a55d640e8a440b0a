import Glibc

// One program, one decoder at a time: CAFSYNC_FUZZ names it. libFuzzer makes up bytes, guided by
// which branches they reach; a trap, a failed property, or memory that the sanitizer objects to is
// a finding. `.ci/fuzz` builds and runs it.

guard let name = getenv("CAFSYNC_FUZZ").map({ String(cString: $0) }),
  let chosen = decoders[name]
else {
  print(decoders.keys.sorted().joined(separator: "\n"))
  exit(0)
}
// Never written; the fuzzer calls from this thread alone.
nonisolated(unsafe) let decoder = chosen

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  decoder(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
  _ argc: UnsafeMutablePointer<CInt>,
  _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

var argc = CommandLine.argc
var argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(runDriver(&argc, &argv) { testOneInput($0, $1) })
