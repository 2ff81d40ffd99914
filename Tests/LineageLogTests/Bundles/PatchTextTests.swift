import Testing

@testable import LineageLog

@Suite struct PatchTextTests {
  @Test func undoesNothingAndMakesEveryChange() {
    var random = Random(seed: 11)
    for _ in 0..<300 {
      let old = random.text(lines: random.below(40))
      let new = old.isEmpty ? random.text(lines: 3) : random.mutated(old)
      let patch = UnifiedDiff(from: old, to: new, path: "a.c").bytes
      #expect(PatchText(patch).applied(to: old) == new)
    }
  }

  @Test(arguments: [
    ("", "a\n"), ("a\n", ""), ("a", "a\n"), ("a\n", "a"), ("a", "b"), ("-- a\n", "++ b\n"),
    ("@@ -1 +1 @@\n", "x\n"), ("\\ x\n", "\\ y\n"), ("a\r\n", "a\n"), ("a\n", "a\n"),
  ])
  func takesWhatIsHardToTake(old: String, new: String) {
    let patch = UnifiedDiff(from: Array(old.utf8), to: Array(new.utf8), path: "a.c").bytes
    #expect(PatchText(patch).applied(to: Array(old.utf8)) == Array(new.utf8))
  }

  @Test(arguments: [
    "x", "--- a\n+++ b\n", "--- a\n+++ b\n@@ -1 +1 @@\n-a\n", "--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b",
    "--- a\n+++ b\n@@ -2 +2 @@\n-a\n+b\n", "--- a\n+++ b\n@@ -1 +2 @@\n-a\n+b\n",
    "--- a\n+++ b\n@@ -1,9999999999999999999 +1 @@\n-a\n+b\n",
    "--- a\n+++ b\n@@ -1,9223372036854775807 +1 @@\n-a\n",
    "--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n+c\n", "--- a\n+++ b\n@@ -1 +1 @@\n a\n",
    "--- a\n+++ b\n@@\n",
    "--- a\n+++ b\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n",
  ])
  func takesNoOther(patch: String) {
    let text = PatchText(Array(patch.utf8)).applied(to: Array("a\n".utf8))
    #expect(text == nil || text == Array("a\n".utf8) && patch.contains(" a\n"))
  }
}
