// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static io.sparkgrad.gpu.cuda.SideBySide.dirty;
import static io.sparkgrad.gpu.cuda.SideBySide.random;
import static io.sparkgrad.gpu.cuda.SideBySide.tolerance;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.LayerNormGeometry;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNormsTest {
  private final SideBySide both = new SideBySide(EmulatedGpu.backend());

  @ParameterizedTest(name = "[{0}, {1}]")
  @CsvSource({
    "9, 1024", // a warp to a row, in packs; the last block has one row
    "9, 1023", // and element by element
    "3, 1028", // a block to a row
    "3, 1030", "300, 37", // sums down the columns in several blocks
    "1, 3"
  })
  void agreesWithJava(int rows, int columns) {
    var geometry = new LayerNormGeometry(rows, columns, 1e-5);
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      both.agree(geometry.toString(), 10 * tolerance(dtype), b -> everything(b, geometry, dtype));
    }
  }

  private static List<Buffer> everything(Backend backend, LayerNormGeometry g, DType dtype) {
    int length = g.rows() * g.columns();
    Buffer x = random(backend, dtype, 1, length);
    Buffer weight = random(backend, dtype, 2, g.columns());
    Buffer bias = random(backend, dtype, 3, g.columns());
    Buffer mean = dirty(backend, dtype, g.rows());
    Buffer variance = dirty(backend, dtype, g.rows());
    Buffer y = dirty(backend, dtype, length);
    backend.layerNorm(g, x, weight, bias, mean, variance, y);
    Buffer gy = random(backend, dtype, 4, length);
    Buffer gx = dirty(backend, dtype, length);
    Buffer gw = dirty(backend, dtype, g.columns());
    Buffer gb = dirty(backend, dtype, g.columns());
    backend.layerNormGradient(g, x, weight, mean, variance, gy, gx, gw, gb);
    Buffer alone = dirty(backend, dtype, g.columns());
    backend.layerNormGradient(g, x, weight, mean, variance, gy, null, null, alone);
    return List.of(mean, variance, y, gx, gw, gb, alone);
  }
}
