import KernelModel
import KernelParsing
import Testing

/// One construct each: the tree that it must give, and the round trip that it must survive.
@Suite struct TreeShapeTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let tree: String
    var testDescription: String { name }
  }

  @Test(arguments: cases)
  func treeAndRoundTrip(_ example: Case) throws {
    let kernel = try kernel(example.text)
    #expect(TreeDump(kernel).text() == example.tree)
    #expect(RoundTrip.complaint(kernel, KernelParser()) == nil)
  }

  static let cases: [Case] = [
    Case(
      name: "a reduction",
      text: """
        double dot(int n, const double *restrict a, const double *b) {
          double sum = 0.0;
          for (int i = 0; i < n; i++)
            sum += a[i] * b[i];
          return sum;
        }
        """,
      tree: "{(decl double sum = 0.0) (for[i] int i = 0 < n step 1 {(+= sum (* a[i] b[i]));}) "
        + "(return sum)}"),
    Case(
      name: "loop labels and steps",
      text: """
        void f(int n, int *a) {
          int i;
          for (i = n - 1; i >= 0; --i) a[i] = 0;
          for (i = 0; n > i; i += 2) a[i] = 1;
          for (i = 0; i != n; i = i + 1) a[i] = 2;
          for (int i = n; i > 0; i -= 3) { for (int j = 0; j <= i; j++) a[j]++; }
          while (n--) a[n] = 3;
          do { a[0]--; } while (a[0] > 0);
          while (a[1]) a[1] >>= 1;
        }
        """,
      tree: "{(decl int i) (for[i] i = (- n 1) >= 0 step -1 {(= a[i] 0);}) "
        + "(for[i#2] i = 0 < n step 2 {(= a[i] 1);}) (for[i#3] i = 0 != n step 1 {(= a[i] 2);}) "
        + "(for[i#4] int i = n > 0 step -3 {(for[j] int j = 0 <= i step 1 {(post++ a[j]);})}) "
        + "(while[while] (post-- n) {(= a[n] 3);}) (do[do] {(post-- a[0]);} (> a[0] 0)) "
        + "(while[while#2] a[1] {(>>= a[1] 1);})}"),
    Case(
      name: "loops that are not counted",
      text: """
        void f(int n, int *a, int *p) {
          for (int i = 0, j = n; i < j; i++, j--) a[i] = a[j];
          for (int i = 0; i < n; i++) { a[i] = 1; if (a[i]) i++; }
          for (int i = 0; i < *p; i++) a[i] = 0;
          for (double x = 0; x < 1; x += 0.5) a[0] += (int)x;
          for (;;) { if (a[0]++ > 10) break; else continue; }
          int k;
          for (k = 0; a[k]; k++) ;
          for (int *q = &k, m = 3; m < n; m++) *q += m;
        }
        """,
      tree: "{(for[i] general (decl int i = 0) (decl int j = n) (< i j) "
        + "(, (post++ i) (post-- j)) {(= a[i] a[j]);}) "
        + "(for[i#2] general (decl int i = 0) (< i n) (post++ i) "
        + "{(= a[i] 1); (if a[i] {(post++ i);})}) "
        + "(for[i#3] general (decl int i = 0) (< i (* p)) (post++ i) {(= a[i] 0);}) "
        + "(for[x] general (decl double x = 0) (< x 1) (+= x 0.5) {(+= a[0] (cast int x));}) "
        + "(for[for] general - - - {(if (> (post++ a[0]) 10) {break} else {continue})}) "
        + "(decl int k) (for[k] general (= k 0); a[k] (post++ k) {empty}) "
        + "(for[m] general (decl int * q = (& k)) (decl int m = 3) (< m n) (post++ m) "
        + "{(+= (* q) m);})}"),
    Case(
      name: "bounds in memory that the body cannot store to",
      text: """
        struct csr { int rows; const int *start; const int *column; const double *value; };
        void f(const struct csr *m, const double *x, double *y) {
          for (int i = 0; i < m->rows; i++) {
            double sum = 0;
            for (int k = m->start[i]; k < m->start[i + 1]; k++)
              sum += m->value[k] * x[m->column[k]];
            y[i] = sum;
          }
        }
        """,
      tree: "{(for[i] int i = 0 < m->rows step 1 {(decl double sum = 0) "
        + "(for[k] int k = m->start[i] < m->start[(+ i 1)] step 1 "
        + "{(+= sum (* m->value[k] x[m->column[k]]));}) (= y[i] sum);})}"),
    Case(
      name: "variable length arrays",
      text: """
        double f(int n, int m, double a[n][m + 1], double (*b)[n]) {
          double t[n][2 * m];
          for (int i = 0; i < n; i++) t[i][0] = a[i][m] + b[i][1];
          double (*c)[m] = (double (*)[m])b;
          return t[0][0] + (*c)[1];
        }
        """,
      tree: "{(decl double [n][2 * m] t) "
        + "(for[i] int i = 0 < n step 1 {(= t[i][0] (+ a[i][m] b[i][1]));}) "
        + "(decl double (*)[m] c = (cast double (*)[m] b)) (return (+ t[0][0] (* c)[1]))}"),
    Case(
      name: "chained, compound and comma assignment",
      text: """
        void f(int n, int *a, int *b) {
          int x, y = 1;
          for (int i = 0; i < n; i++) {
            x = y = a[i], b[i] = x;
            a[i] <<= 1; a[i] |= 3; a[i] &= ~b[i]; a[i] ^= -x; a[i] %= y + 1; *b++ -= 2;
          }
        }
        """,
      tree: "{(decl int x) (decl int y = 1) (for[i] int i = 0 < n step 1 "
        + "{(, (= x (= y a[i])) (= b[i] x)); (<<= a[i] 1); (|= a[i] 3); (&= a[i] (~ b[i])); "
        + "(^= a[i] (- x)); (%= a[i] (+ y 1)); (-= (* (post++ b)) 2);})}"),
    Case(
      name: "conditions, switch and jumps",
      text: """
        int f(int n, const unsigned char *s) {
          int count = 0;
          for (int i = 0; i < n; i++) {
            switch (s[i]) {
            case 'a': case 2: count++; break;
            case 1 + 2: continue;
            default: if (s[i] > 9 && !(s[i] & 1) || i == 3) count += 2; else return -1;
            }
            count = count > 5 ? 5 : count < 0 ? 0 : count;
          }
          return count;
        }
        """,
      tree: "{(decl int count = 0) (for[i] int i = 0 < n step 1 {(switch s[i] "
        + "{(case 'a' (case 2 (post++ count);)) break (case (+ 1 2) continue) "
        + "(default (if (|| (&& (> s[i] 9) (! (& s[i] 1))) (== i 3)) {(+= count 2);} "
        + "else {(return (- 1))}))}) "
        + "(= count (? (> count 5) 5 (? (< count 0) 0 count)));}) (return count)}"),
    Case(
      name: "casts, sizeof, literals and initialisers",
      text: """
        struct point { double x, y; };
        unsigned f(unsigned long n) {
          struct point p = {.y = 1.5, .x = (float)2}, q[2] = {{1, 2}, [1] = {3, 4}};
          int table[] = {1, [3] = 5};
          const char *s = "ab" "c";
          unsigned h = 0x1Fu;
          for (unsigned long i = 0; i < n / sizeof(struct point); i++)
            h += (unsigned char)s[i] * sizeof table + (int)((struct point){1, 2}.x) + q[1].y + p.x;
          return h + table[0];
        }
        """,
      tree: "{(decl struct point p = {.y1.5, .x(cast float 2)}) "
        + "(decl struct point [2] q = {{1, 2}, [1]{3, 4}}) (decl int [4] table = {1, [3]5}) "
        + "(decl const char * s = \"ab\" \"c\") (decl unsigned int h = 0x1Fu) "
        + "(for[i] unsigned long i = 0 < (/ n sizeof(struct point)=16) step 1 "
        + "{(+= h (+ (+ (+ (* (cast unsigned char s[i]) sizeof table=16) "
        + "(cast int (literal struct point {1, 2}).x)) q[1].y) p.x));}) (return (+ h table[0]))}"),
    Case(
      name: "macros and enumerators keep their names",
      text: """
        #define N 100
        #define HALF (N / 2)
        #define SUM N + 1
        #define EPS 1e-9
        #define IDX(i, j) ((i) * N + (j))
        #define NEGATIVE -3
        enum { FIRST = 4 };
        void f(double *a) {
          for (int i = FIRST; i < N; i++)
            for (int j = 0; j < HALF; j++) a[IDX(i, j)] = EPS * SUM + NEGATIVE * 2;
        }
        """,
      tree: "{(for[i] int i = FIRST < N<100> step 1 {(for[j] int j = 0 < HALF<(/ 100 2)> "
        + "step 1 {(= a[(+ (* i 100) j)] (+ (+ (* EPS<1e-9> 100) 1) (* NEGATIVE<(- 3)> 2)));})})}"
    ),
    Case(
      name: "purity of calls",
      text: """
        #include <math.h>
        #include <stdio.h>
        #include <string.h>
        static int g;
        static inline double square(double x) { double y = x; y *= x; return y; }
        static double head(const double *p) { return p[0]; }
        static int next(void) { return ++g; }
        double h(double);
        double f(int n, double *a, double (*op)(double)) {
          double s = 0;
          for (int i = 0; i < n; i++)
            s += sqrt(a[i]) + fmaf(1, 2, 3) + square(a[i]) + head(a + i) + next() + h(s) + op(s)
              + fabs(s) + strlen("x");
          printf("%g\\n", s);
          return s;
        }
        """,
      tree: "{(decl double s = 0) (for[i] int i = 0 < n step 1 {(+= s (+ (+ (+ (+ (+ (+ (+ (+ "
        + "(call const sqrt a[i]) (call const fmaf 1 2 3)) (call const square a[i])) "
        + "(call readsMemory head (+ a i))) (call effects next)) (call effects h s)) "
        + "(call* op s)) (call const fabs s)) (call readsMemory strlen \"x\")));}) "
        + "(call effects printf \"%g\\n\" s); (return s)}"),
    Case(
      name: "library names that a project uses for something else",
      text: """
        static int count;
        static double log(double x) { count++; return x; }
        void trunc(const char *format, ...);
        void f(int n, double *a) {
          for (int i = 0; i < n; i++) { a[i] = log(a[i]); trunc("x"); }
        }
        """,
      tree: "{(for[i] int i = 0 < n step 1 {(= a[i] (call effects log a[i])); "
        + "(call effects trunc \"x\");})}"),
    Case(
      name: "storage, alignment and attributes",
      text: """
        typedef float v8 __attribute__((vector_size(32)));
        float f(int n, const float *a) {
          static const int table[4] = {1, 2, 3, 4};
          _Alignas(32) float b[8];
          float c[4] __attribute__((aligned(16))), *d = c;
          register volatile int r = 0;
          v8 sum = {0};
          for (int i = 0; i < n; i += 8) sum += *(const v8 *)(a + i);
          int unused __attribute__((unused)) = 3;
          return sum[0] + b[0] + d[0] + table[1] + r;
        }
        """,
      tree: "{(decl static const int [4] table = {1, 2, 3, 4}) (decl float [8] b aligned 32) "
        + "(decl float [4] c aligned 16) (decl float * d = c) (decl volatile int r = 0) "
        + "(decl v8 sum = {0}) "
        + "(for[i] int i = 0 < n step 8 {(+= sum (* (cast const v8 * (+ a i))));}) "
        + "(decl int unused [__attribute__((unused))] = 3) "
        + "(return (+ (+ (+ (+ sum[0] b[0]) d[0]) table[1]) r))}"),
    Case(
      name: "unions, bit-fields and members of unnamed records",
      text: """
        typedef struct { unsigned a : 3, b : 5; union { int i; float f; }; } item;
        int f(int n, item *p) {
          int s = 0;
          for (int k = 0; k < n; k++, p++) s += p->a + p->i + (*p).b;
          return s;
        }
        """,
      tree: "{(decl int s = 0) (for[k] general (decl int k = 0) (< k n) "
        + "(, (post++ k) (post++ p)) {(+= s (+ (+ p->a p->i) (* p).b));}) (return s)}"),
    Case(
      name: "what is not modelled stays verbatim",
      text: """
        int f(int n, int *a) {
          int s = 0, t = 1;
          for (int i = 0; i < n; i++) {
            __asm__ volatile ("" : "+r"(s));
            s += ({ int u = a[i]; u * t; });
            switch (s) { case 1 ... 3: t++; break; default: break; }
            s += t ?: 2;
            s += _Generic(s, int: 3, default: 4);
          }
          return s;
        }
        """,
      tree: "{(decl int s = 0) (decl int t = 1) (for[i] int i = 0 < n step 1 "
        + "{(opaque reads[s] jumps:false `__asm__ volatile (\"\" : \"+r\"(s));`) "
        + "(opaque reads[s,a,i,t] jumps:false `s += ({ int u = a[i]; u * t; });`) "
        + "(opaque reads[s,t] jumps:true "
        + "`switch (s) { case 1 ... 3: t++; break; default: break; }`) "
        + "(+= s (opaque [t] `t ?: 2`)); "
        + "(+= s (opaque [s] `_Generic(s, int: 3, default: 4)`));}) (return s)}"),
    Case(
      name: "sibling scopes and shadowing",
      text: """
        int g;
        int f(int n) {
          int r = 0;
          for (int i = 0; i < n; i++) { int t = i; r += t; }
          { int t = g; int n = t; r += n; }
          return r + n;
        }
        """,
      tree: "{(decl int r = 0) (for[i] int i = 0 < n step 1 {(decl int t = i) (+= r t);}) "
        + "{(decl int t = g) (decl int n = t) (+= r n);} (return (+ r n))}"),
  ]
}
