// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static io.sparkgrad.gpu.cuda.SideBySide.dirty;
import static io.sparkgrad.gpu.cuda.SideBySide.random;
import static io.sparkgrad.gpu.cuda.SideBySide.tolerance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Pool2dGeometry;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PoolingsTest {
  private final SideBySide both = new SideBySide(EmulatedGpu.backend());

  static Stream<Pool2dGeometry> geometries() {
    return Stream.of(
        new Pool2dGeometry(3, 5, 16, 16, 8, 8, 2, 2, 2, 2, 0, 0), // quarters, several blocks
        new Pool2dGeometry(1, 3, 2, 6, 1, 3, 2, 2, 2, 2, 0, 0), // quarters, one line
        new Pool2dGeometry(2, 3, 9, 9, 4, 4, 2, 2, 2, 2, 0, 0), // a line and a column are left over
        new Pool2dGeometry(2, 4, 20, 22, 10, 11, 3, 3, 2, 2, 1, 1), // ResNet's stem
        new Pool2dGeometry(2, 2, 7, 7, 4, 4, 3, 3, 2, 2, 0, 0), // the same in ceil mode
        new Pool2dGeometry(1, 2, 1, 1, 1, 1, 3, 3, 2, 2, 1, 1), // mostly padding
        new Pool2dGeometry(2, 2, 8, 9, 8, 9, 3, 3, 1, 1, 1, 1), // nine windows hold an element
        new Pool2dGeometry(2, 1, 9, 12, 3, 2, 2, 5, 3, 6, 0, 1), // gaps between windows
        new Pool2dGeometry(2, 9, 7, 7, 1, 1, 7, 7, 7, 7, 0, 0), // all of a plane
        new Pool2dGeometry(1, 2, 20, 20, 2, 2, 17, 17, 3, 3, 0, 0)); // places beyond a byte
  }

  @ParameterizedTest
  @MethodSource("geometries")
  void maxima(Pool2dGeometry p) {
    int inputs = p.planes() * p.height() * p.width();
    int outputs = p.planes() * p.outHeight() * p.outWidth();
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      both.agree(
          "max pool " + p,
          tolerance(dtype),
          backend -> {
            Buffer x = random(backend, dtype, 1, inputs);
            Buffer y = dirty(backend, dtype, outputs);
            Buffer places = Objects.requireNonNull(backend.maxPool2d(p, x, y, true));
            Buffer indices = dirty(backend, DType.INT64, outputs);
            backend.maxPool2dIndices(p, places, indices);
            Buffer gx = dirty(backend, dtype, inputs);
            backend.maxPool2dGradient(p, places, random(backend, dtype, 2, outputs), gx);
            return List.of(y, indices, gx);
          });
    }
  }

  @ParameterizedTest
  @MethodSource("geometries")
  void means(Pool2dGeometry p) {
    int inputs = p.planes() * p.height() * p.width();
    int outputs = p.planes() * p.outHeight() * p.outWidth();
    for (boolean countIncludePad : List.of(true, false)) {
      both.agree(
          "average pool " + p,
          tolerance(DType.FLOAT32),
          backend -> {
            Buffer y = dirty(backend, DType.FLOAT32, outputs);
            Buffer x = random(backend, DType.FLOAT32, 1, inputs);
            backend.avgPool2d(p, countIncludePad, x, y);
            Buffer gx = dirty(backend, DType.FLOAT32, inputs);
            Buffer gy = random(backend, DType.FLOAT32, 2, outputs);
            backend.avgPool2dGradient(p, countIncludePad, gy, gx);
            return List.of(y, gx);
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  @DisplayName("NaN wins, the last of several; the first of equals, infinities included")
  void specialValues(DType dtype) {
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    double[] planes = {
      1, nan, nan, inf, // two NaN
      -inf, -inf, -inf, -inf, // nothing larger than the least
      inf, 1, inf, 2, -0.0, 0, 0, -0.0
    };
    for (Pool2dGeometry p :
        List.of(
            new Pool2dGeometry(1, 4, 2, 2, 1, 1, 2, 2, 2, 2, 0, 0),
            new Pool2dGeometry(1, 4, 2, 2, 1, 1, 3, 3, 2, 2, 1, 1),
            new Pool2dGeometry(1, 4, 2, 2, 1, 1, 2, 2, 1, 1, 0, 0))) {
      both.agree(
          "special values " + p,
          0,
          backend -> {
            Buffer y = dirty(backend, dtype, 4);
            Buffer x = SideBySide.buffer(backend, dtype, planes);
            Buffer places = Objects.requireNonNull(backend.maxPool2d(p, x, y, true));
            Buffer indices = dirty(backend, DType.INT64, 4);
            backend.maxPool2dIndices(p, places, indices);
            return List.of(y, indices);
          });
    }
  }

  @Test
  void tooManyElements() {
    Pool2dGeometry p = new Pool2dGeometry(1 << 15, 1 << 10, 16, 16, 8, 8, 2, 2, 2, 2, 0, 0);
    Backend gpu = both.tested();
    Buffer y = gpu.allocate(DType.FLOAT32, 1L << 31);
    Buffer x = gpu.allocate(DType.FLOAT32, 1L << 33);
    var e = assertThrows(BackendException.class, () -> gpu.maxPool2d(p, x, y, false));
    assertEquals(
        "cuda backend: max_pool2d: expected fewer than 2147483648 elements, got 2147483648; split the tensor",
        e.getMessage());
  }
}
