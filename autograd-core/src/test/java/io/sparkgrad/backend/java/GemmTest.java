// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both ways of computing products, of which a JVM uses one. */
class GemmTest {
  private static final int OFFSET = 3;

  static Stream<GemmShape> shapes() {
    int[][] sizes = {
      {1, 1, 1},
      {1, 5, 7},
      {5, 1, 7},
      {7, 5, 1},
      {6, 32, 4},
      {13, 33, 19},
      {97, 65, 3},
      {3, 4, 513},
      {100, 40, 256},
      {2, 3, 0},
      {0, 3, 2},
      {3, 0, 2}
    };
    return Arrays.stream(sizes)
        .flatMap(
            d ->
                Stream.of(false, true)
                    .flatMap(
                        ta ->
                            Stream.of(false, true)
                                .map(tb -> new GemmShape(ta, tb, d[0], d[1], d[2]))));
  }

  private static double[] random(int length, long seed) {
    return new Random(seed).doubles(OFFSET + length, -1, 1).toArray();
  }

  private static float[] floats(double[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (float) x[i];
    }
    return y;
  }

  /** By the definition. */
  private static double[] product(GemmShape s, double[] a, double[] b, boolean add, double[] c) {
    double[] y = c.clone();
    for (int i = 0; i < s.m(); i++) {
      for (int j = 0; j < s.n(); j++) {
        double sum = 0;
        for (int p = 0; p < s.k(); p++) {
          sum +=
              a[OFFSET + (s.transposeA() ? p * s.m() + i : i * s.k() + p)]
                  * b[OFFSET + (s.transposeB() ? j * s.k() + p : p * s.n() + j)];
        }
        int at = OFFSET + i * s.n() + j;
        y[at] = add ? c[at] + sum : sum;
      }
    }
    return y;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  @DisplayName("Products agree with the definition, written to C or added to it")
  void agreesWithTheDefinition(GemmShape s) {
    double[] a = random(s.m() * s.k(), 1);
    double[] b = random(s.k() * s.n(), 2);
    double[] c = random(s.m() * s.n(), 3);
    for (Gemm gemm : List.of(new NetlibGemm(), new VectorGemm())) {
      for (boolean add : new boolean[] {false, true}) {
        double[] expected = product(s, a, b, add, c);
        double[] y = c.clone();
        gemm.dgemm(s, a, OFFSET, b, OFFSET, add, y, OFFSET);
        assertArrayEquals(expected, y, 1e-15 * (s.k() + 4));
        float[] z = floats(c);
        gemm.sgemm(s, floats(a), OFFSET, floats(b), OFFSET, add, z, OFFSET);
        assertArrayEquals(floats(expected), z, 2e-7f * (s.k() + 4));
      }
    }
  }

  @Test
  @DisplayName("NaN and infinities reach the elements that they belong to, and no others")
  void notANumberAndInfinity() {
    GemmShape s = new GemmShape(false, false, 7, 33, 5);
    double[] a = random(s.m() * s.k(), 1);
    double[] b = random(s.k() * s.n(), 2);
    a[OFFSET + 6 * s.k() + 1] = Double.NaN;
    b[OFFSET + 4 * s.n() + 32] = Double.POSITIVE_INFINITY;
    double[] c = new double[OFFSET + s.m() * s.n()];
    double[] y = c.clone();
    new VectorGemm().dgemm(s, a, OFFSET, b, OFFSET, false, y, OFFSET);
    assertArrayEquals(product(s, a, b, false, c), y, 1e-14);
    float[] z = new float[c.length];
    new VectorGemm().sgemm(s, floats(a), OFFSET, floats(b), OFFSET, false, z, OFFSET);
    assertArrayEquals(floats(product(s, a, b, false, c)), z, 1e-5f);
  }

  @ParameterizedTest
  @CsvSource({"7,9,30,false", "7,9,30,true", "2,1,270,false"})
  @DisplayName("A product too small for vectors has the bits of a row of a large one")
  void smallOnes(int m, int n, int k, boolean accumulate) {
    float[] a = floats(random(100 * k, 1));
    float[] b = floats(random(k * n, 2));
    float[] large = floats(random(100 * n, 3));
    float[] small = Arrays.copyOf(large, m * n);
    double[] largeDoubles = random(100 * n, 3);
    double[] smallDoubles = Arrays.copyOf(largeDoubles, m * n);
    Gemm gemm = new VectorGemm();
    GemmShape all = new GemmShape(false, true, 100, n, k);
    gemm.sgemm(all, a, 0, b, 0, accumulate, large, 0);
    gemm.dgemm(all, random(100 * k, 1), 0, random(k * n, 2), 0, accumulate, largeDoubles, 0);
    for (int i = 0; i < m; i++) {
      GemmShape row = new GemmShape(false, true, 1, n, k);
      gemm.sgemm(row, a, i * k, b, 0, accumulate, small, i * n);
      gemm.dgemm(
          row, random(100 * k, 1), i * k, random(k * n, 2), 0, accumulate, smallDoubles, i * n);
    }
    assertArrayEquals(Arrays.copyOf(large, m * n), small);
    assertArrayEquals(Arrays.copyOf(largeDoubles, m * n), smallDoubles);
  }

  @Test
  @DisplayName("A row or column of a product has the same bits as the row or column alone")
  void rowsAlone() {
    GemmShape s = new GemmShape(false, true, 103, 37, 600);
    float[] a = floats(random(s.m() * s.k(), 1));
    float[] b = floats(random(s.k() * s.n(), 2));
    float[] c = new float[s.m() * s.n()];
    Gemm gemm = new VectorGemm();
    gemm.sgemm(s, a, 0, b, 0, false, c, 0);
    float[] row = new float[s.n()];
    gemm.sgemm(new GemmShape(false, true, 1, s.n(), s.k()), a, 101 * s.k(), b, 0, false, row, 0);
    assertArrayEquals(Arrays.copyOfRange(c, 101 * s.n(), 102 * s.n()), row);
    float[] column = new float[s.m()];
    gemm.sgemm(new GemmShape(false, true, s.m(), 1, s.k()), a, 0, b, 36 * s.k(), false, column, 0);
    for (int i = 0; i < s.m(); i++) {
      assertEquals(c[i * s.n() + 36], column[i]);
    }
  }

  @Test
  @DisplayName("The Vector API computes where the JVM was started with it, plain loops elsewhere")
  void fallback() throws IOException {
    assertInstanceOf(VectorGemm.class, Matmul.GEMM); // the tests are started with it
    assertEquals("NetlibGemm [32.0]", inNewJvm());
    assertEquals("VectorGemm [32.0]", inNewJvm("--add-modules=jdk.incubator.vector"));
  }

  private static String inNewJvm(String... options) throws IOException {
    Process process =
        new ProcessBuilder(
                Stream.of(
                        Stream.of(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString()),
                        Stream.of(options),
                        Stream.of("-cp", System.getProperty("java.class.path")),
                        Stream.of(Product.class.getName()))
                    .flatMap(s -> s)
                    .toList())
            .redirectError(ProcessBuilder.Redirect.DISCARD) // where the JVM warns of incubators
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  static final class Product {
    private Product() {}

    public static void main(String[] args) {
      float[] c = new float[1];
      Matmul.GEMM.sgemm(
          new GemmShape(false, true, 1, 1, 3),
          new float[] {1, 2, 3},
          0,
          new float[] {4, 5, 6},
          0,
          false,
          c,
          0);
      System.out.println(Matmul.GEMM.getClass().getSimpleName() + " " + Arrays.toString(c));
    }
  }
}
