// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static io.sparkgrad.gpu.cuda.SideBySide.dirty;
import static io.sparkgrad.gpu.cuda.SideBySide.random;
import static io.sparkgrad.gpu.cuda.SideBySide.tolerance;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchNormsTest {
  private final SideBySide both = new SideBySide(EmulatedGpu.backend());

  @ParameterizedTest(name = "[{0}, {1}, {2}, {3}]")
  @CsvSource({
    "1, 1, 1, 3", // as small as it gets
    "3, 2, 64, 67", // several blocks to a channel, element by element
    "2, 3, 64, 64", // and in packs of four
    "5, 4, 7, 7",
    "700, 40, 1, 1", // channels side by side, several blocks to each
    "70, 33, 2, 2"
  })
  void agreesWithJava(int n, int c, int h, int w) {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      for (boolean ofBatch : List.of(true, false)) {
        var geometry = new BatchNormGeometry(n, c, h, w, 1e-5, ofBatch);
        both.agree(geometry.toString(), 10 * tolerance(dtype), b -> everything(b, geometry, dtype));
      }
    }
  }

  private static List<Buffer> everything(Backend backend, BatchNormGeometry g, DType dtype) {
    int length = g.channels() * g.count();
    Buffer x = random(backend, dtype, 1, length);
    Buffer weight = random(backend, dtype, 2, g.channels());
    Buffer mean = random(backend, dtype, 3, g.channels());
    double[] squares = random(4, g.channels());
    Buffer variance =
        SideBySide.buffer(backend, dtype, Arrays.stream(squares).map(v -> 0.5 + v * v).toArray());
    Buffer y = dirty(backend, dtype, length);
    backend.batchNorm(g, x, weight, random(backend, dtype, 5, g.channels()), mean, variance, y);
    Buffer gy = random(backend, dtype, 6, length);
    Buffer gx = dirty(backend, dtype, length);
    Buffer gw = dirty(backend, dtype, g.channels());
    Buffer gb = dirty(backend, dtype, g.channels());
    backend.batchNormGradient(g, x, weight, mean, variance, gy, gx, gw, gb);
    List<Buffer> results = new ArrayList<>(List.of(mean, variance, y, gx, gw, gb));
    Buffer alone = dirty(backend, dtype, g.channels());
    backend.batchNormGradient(g, x, weight, mean, variance, gy, null, null, alone);
    results.add(alone);
    return results;
  }

  @Test
  @DisplayName("the variance of numbers far from zero keeps its digits")
  void farFromZero() {
    for (int images : List.of(1, 5)) { // one block to a channel, and two
      var geometry = new BatchNormGeometry(images, 1, 32, 32, 1e-5, true);
      double[] x = Arrays.stream(random(1, geometry.count())).map(v -> 1000 + v).toArray();
      both.agree(
          geometry.toString(),
          1e-4,
          backend -> {
            Buffer mean = dirty(backend, DType.FLOAT32, 1);
            Buffer variance = dirty(backend, DType.FLOAT32, 1);
            Buffer y = dirty(backend, DType.FLOAT32, x.length);
            Buffer in = SideBySide.buffer(backend, DType.FLOAT32, x);
            backend.batchNorm(geometry, in, null, null, mean, variance, y);
            return List.of(variance);
          });
    }
  }

  @Test
  @DisplayName("a NaN or an infinity spoils its own channel and no other")
  void specialChannels() {
    var geometry = new BatchNormGeometry(2, 3, 3, 3, 1e-5, true);
    double[] x = random(1, 54);
    x[4] = Double.NaN;
    x[30] = Double.POSITIVE_INFINITY; // of image 1, channel 0
    x[40] = Double.NEGATIVE_INFINITY; // of image 1, channel 1
    Backend backend = both.tested();
    Buffer y = dirty(backend, DType.FLOAT32, 54);
    Buffer mean = dirty(backend, DType.FLOAT32, 3);
    Buffer variance = dirty(backend, DType.FLOAT32, 3);
    Buffer in = SideBySide.buffer(backend, DType.FLOAT32, x);
    backend.batchNorm(geometry, in, null, null, mean, variance, y);
    double[] values = SideBySide.values(y);
    for (int i = 0; i < 54; i++) {
      boolean spoilt = i / 9 % 3 != 2;
      assertTrue(Double.isNaN(values[i]) == spoilt, "at " + i + ": " + values[i]);
    }
  }
}
