import KernelModel
import KernelParsing
import Testing

@Suite struct TreeShapeTests {
  @Test func dotProduct() throws {
    let text = """
      double dot(int n, const double *restrict a, const double *b) {
        double sum = 0.0;
        for (int i = 0; i < n; i++)
          sum += a[i] * b[i];
        return sum;
      }
      """
    #expect(
      try tree(text)
        == "{(decl double sum = 0.0) (for[i] int i = 0 < n step 1 {(+= sum (* a[i] b[i]));}) "
        + "(return sum)}")
  }
}
