// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static io.sparkgrad.gpu.cuda.Rounding.operand;
import static io.sparkgrad.gpu.cuda.SideBySide.dirty;
import static io.sparkgrad.gpu.cuda.SideBySide.random;
import static io.sparkgrad.gpu.cuda.SideBySide.tolerance;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConvolutionsTest {
  private static final EmulatedCudaDriver DRIVER = EmulatedGpu.driver(80);

  private final SideBySide both = new SideBySide(EmulatedGpu.backend(DRIVER));

  private static Conv2dGeometry square(
      int n, int in, int size, int out, int k, int stride, int pad, int dilation, int groups) {
    return new Conv2dGeometry(
        n, in, size, size + 1, out, k, k, stride, stride, pad, pad, dilation, dilation, groups);
  }

  static Stream<Conv2dGeometry> products() {
    return Stream.of(
        square(2, 70, 15, 130, 2, 1, 1, 1, 1), // large tiles, packed
        square(5, 67, 10, 131, 2, 1, 0, 1, 1), // large tiles, with tails
        square(1, 127, 5, 140, 2, 1, 0, 1, 1), // large tiles of the gradient of weights
        square(2, 17, 12, 20, 3, 1, 1, 1, 1), // few channels
        square(2, 6, 20, 10, 3, 2, 1, 1, 2), // groups, classes of pixels
        square(2, 4, 20, 6, 5, 3, 4, 2, 1), // all of it
        square(2, 4, 18, 6, 3, 4, 1, 1, 1), // pixels that no tap reaches
        square(2, 4, 18, 6, 3, 2, 2, 2, 1), // pixels that no tap can reach
        square(1, 40, 4, 8, 3, 1, 1, 1, 1), // split along the taps
        square(2, 9, 15, 70, 1, 1, 0, 1, 1), // a matrix product
        new Conv2dGeometry(2, 4, 9, 21, 6, 1, 7, 1, 3, 0, 3, 1, 2, 2));
  }

  static Stream<Conv2dGeometry> depthwise() {
    return Stream.of(
        square(5, 3, 32, 3, 3, 1, 1, 1, 3), // sums over pixels in several parts
        square(2, 4, 12, 8, 5, 2, 2, 1, 4),
        square(2, 4, 13, 4, 3, 3, 2, 2, 4));
  }

  @ParameterizedTest
  @MethodSource("products")
  void agreesWithJavaInEachPrecision(Conv2dGeometry c) {
    for (MatmulPrecision precision : MatmulPrecision.values()) {
      try (var scope = MatmulPrecision.set(precision)) {
        agree(c, DType.FLOAT32, precision);
      }
    }
    agree(c, DType.FLOAT64, MatmulPrecision.FP32);
  }

  @ParameterizedTest
  @MethodSource("depthwise")
  void depthwiseAgreesWithJava(Conv2dGeometry c) {
    agree(c, DType.FLOAT32, MatmulPrecision.FP32);
    agree(c, DType.FLOAT64, MatmulPrecision.FP32);
  }

  private void agree(Conv2dGeometry c, DType dtype, MatmulPrecision precision) {
    both.agree(
        precision + " " + dtype + " " + c,
        3 * tolerance(dtype),
        backend -> everything(backend, c, dtype, precision));
  }

  private static List<Buffer> everything(
      Backend backend, Conv2dGeometry c, DType dtype, MatmulPrecision precision) {
    int inputs = c.n() * c.inChannels() * c.height() * c.width();
    int outputs = c.n() * c.outChannels() * c.outHeight() * c.outWidth();
    int weights = c.outChannels() * c.inChannelsPerGroup() * c.kernelHeight() * c.kernelWidth();
    Buffer x = operand(backend, dtype, precision, 1, inputs);
    Buffer weight = operand(backend, dtype, precision, 2, weights);
    Buffer bias = random(backend, dtype, 3, c.outChannels());
    Buffer scale = random(backend, dtype, 4, c.outChannels());
    Buffer shift = random(backend, dtype, 5, c.outChannels());
    Buffer summand = random(backend, dtype, 6, outputs);
    Buffer y = dirty(backend, dtype, outputs);
    backend.conv2d(c, x, weight, bias, new Epilogue(scale, shift, summand, true), y);
    Buffer plain = dirty(backend, dtype, outputs);
    backend.conv2d(c, x, weight, null, plain);
    Buffer gy = operand(backend, dtype, precision, 7, outputs);
    Buffer gx = dirty(backend, dtype, inputs);
    backend.conv2dInputGradient(c, gy, weight, gx);
    Buffer gw = dirty(backend, dtype, weights);
    backend.conv2dWeightGradient(c, x, gy, gw, null);
    Buffer gb = dirty(backend, dtype, c.outChannels());
    Buffer unrounded = random(backend, dtype, 7, outputs); // sums of one factor are exact
    backend.conv2dWeightGradient(c, x, unrounded, dirty(backend, dtype, weights), gb);
    return List.of(y, plain, gx, gw, gb);
  }

  @AfterAll
  static void everyKernelRan() {
    Set<String> expected = new TreeSet<>();
    for (String kernel : List.of("", "_input_gradient", "_weight_gradient")) {
      expected.add("depthwise_conv2d" + kernel + "_f32");
      expected.add("depthwise_conv2d" + kernel + "_f64");
      for (String tile :
          List.of("64x128", "64x64", "128x128_tf32", "64x64_tf32", "128x128_bf16", "64x64_bf16")) {
        expected.add("conv2d" + kernel + "_" + tile + "_f32");
      }
      expected.add("conv2d" + kernel + "_64x64_f64");
    }
    for (String few : List.of("few_16", "few_32")) {
      expected.add("conv2d_" + few + "_f32");
      expected.add("conv2d_input_gradient_" + few + "_f32");
    }
    expected.add("conv2d_weight_gradient_32x64_f32");
    expected.add("conv2d_bias_gradient_f32");
    expected.add("conv2d_bias_gradient_f64");
    assertEquals(
        expected,
        DRIVER.counts().kernels().keySet().stream()
            .filter(name -> name.contains("conv2d"))
            .collect(Collectors.toCollection(TreeSet::new)));
  }
}
