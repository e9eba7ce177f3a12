// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.autograd.op.Pool2dOptions;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Poolings, transposed and 1-D convolutions, Embedding and Unflatten. */
class ImageAndTableLayersTest {
  private static final Conv2dOptions HALVING = Conv2dOptions.DEFAULT.withStride(2).withPadding(1);

  static Stream<Arguments> layers() {
    return Stream.of(
        Arguments.of(
            new Conv2d(1, 2, 3, 5, Conv2dOptions.DEFAULT, true),
            Shape.of(1, 1, 6, 6),
            Shape.of(1, 2, 4, 2),
            "Conv2d(1, 2, kernel_size=(3, 5), stride=(1, 1))"),
        Arguments.of(
            new Conv1d(2, 4, 3, HALVING, true),
            Shape.of(1, 2, 7),
            Shape.of(1, 4, 4),
            "Conv1d(2, 4, kernel_size=(3,), stride=(2,), padding=(1,))"),
        Arguments.of(
            new ConvTranspose2d(2, 4, 3, HALVING, 1, false),
            Shape.of(1, 2, 3, 5),
            Shape.of(1, 4, 6, 10),
            "ConvTranspose2d(2, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1), bias=False)"),
        Arguments.of(
            new ConvTranspose2d(2, 4, 3, 5, new Conv2dOptions(2, 1, 1, 0, 1, 2, 2), 1, 0, false),
            Shape.of(1, 2, 3, 4),
            Shape.of(1, 4, 6, 12),
            "ConvTranspose2d(2, 4, kernel_size=(3, 5), stride=(2, 1), padding=(1, 0), dilation=(1, 2), output_padding=(1, 0), groups=2, bias=False)"),
        Arguments.of(
            new AvgPool2d(3, 2, 0),
            Shape.of(1, 2, 7, 5),
            Shape.of(1, 2, 3, 2),
            "AvgPool2d(kernel_size=3, stride=2, padding=0)"),
        Arguments.of(
            new AvgPool2d(2),
            Shape.of(1, 2, 6, 5),
            Shape.of(1, 2, 3, 2),
            "AvgPool2d(kernel_size=2, stride=2, padding=0)"),
        Arguments.of(
            new MaxPool2d(3, 2, 1),
            Shape.of(1, 2, 6, 5),
            Shape.of(1, 2, 3, 3),
            "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)"),
        Arguments.of(
            new MaxPool2d(Pool2dOptions.of(2, 1).withCeilMode(true)),
            Shape.of(1, 2, 5, 5),
            Shape.of(1, 2, 3, 5),
            "MaxPool2d(kernel_size=(2, 1), stride=(2, 1), padding=0, dilation=1, ceil_mode=True)"),
        Arguments.of(
            new AdaptiveAvgPool2d(2, 3),
            Shape.of(1, 2, 5, 5),
            Shape.of(1, 2, 2, 3),
            "AdaptiveAvgPool2d(output_size=(2, 3))"),
        Arguments.of(
            new Unflatten(1, 2, 3),
            Shape.of(4, 6, 5),
            Shape.of(4, 2, 3, 5),
            "Unflatten(dim=1, unflattened_size=(2, 3))"));
  }

  @ParameterizedTest
  @MethodSource("layers")
  @DisplayName("MOD-12: shapes, and the description that PyTorch gives")
  void puts(Module layer, Shape in, Shape out, String text) {
    assertEquals(out, layer.forward(Tensor.ones(in.dims())).shape());
    assertEquals(text, layer.toString());
  }

  @Test
  @DisplayName("INIT-4: a transposed convolution starts within ±1/√(out·k²), as in PyTorch")
  void init() {
    for (Module conv : List.of(new ConvTranspose2d(20, 100, 3), new Conv1d(300, 100, 3))) {
      double[] values = conv.namedParameters().get("weight").toDoubleArray();
      assertEquals(1 / 30.0, Arrays.stream(values).map(Math::abs).max().getAsDouble(), 1e-4);
      assertEquals(List.of("weight", "bias"), List.copyOf(conv.stateDict().keySet()));
    }
  }

  @Test
  void bias() {
    assertEquals(Shape.of(4), new Conv1d(2, 4, 3).bias().shape());
    assertEquals(Shape.of(4), new ConvTranspose2d(2, 4, 3).bias().shape());
    assertNull(new Conv1d(2, 4, 3, Conv2dOptions.DEFAULT, false).bias());
    assertNull(new ConvTranspose2d(2, 4, 3, Conv2dOptions.DEFAULT, 0, false).bias());
  }

  @Test
  @DisplayName("O14, INIT-4: N(0, 1) with the padding row 0, which is not trained")
  void embedding() {
    Embedding layer = new Embedding(1000, 2, -1000);
    double[] values = layer.weight().toDoubleArray();
    assertEquals(0, values[0]);
    assertEquals(0, values[1]);
    double squares = Arrays.stream(values).map(v -> v * v).sum();
    assertEquals(1, squares / values.length, 0.15);
    layer.forward(Tensor.of(new long[] {0, 3, 3})).sum().backward();
    float[] grad = layer.weight().grad().toFloatArray();
    assertArrayEquals(new float[] {0, 0}, Arrays.copyOf(grad, 2));
    assertArrayEquals(new float[] {2, 2}, Arrays.copyOfRange(grad, 6, 8));
    assertEquals("Embedding(1000, 2, padding_idx=0)", layer.toString());
    assertEquals("Embedding(4, 2)", new Embedding(4, 2).toString());
  }

  @Test
  @DisplayName("INIT-4: fromPretrained is frozen")
  void pretrained() {
    Tensor table = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Embedding layer = Embedding.fromPretrained(table);
    assertFalse(layer.weight().requiresGrad());
    assertTrue(Embedding.fromPretrained(table, false).weight().requiresGrad());
    assertArrayEquals(new float[] {3, 4}, layer.forward(Tensor.of(new long[] {1})).toFloatArray());
  }

  @Test
  void badArguments() {
    rejects(
        IllegalArgumentException.class,
        "Embedding: expected a padding_idx within num_embeddings 2, got 2",
        () -> new Embedding(2, 1, 2));
    rejects(
        IllegalArgumentException.class,
        "Embedding: expected embeddings [rows, size], got shape [2]",
        () -> Embedding.fromPretrained(Tensor.ones(2)));
    rejects(
        IllegalArgumentException.class,
        "Conv1d: expected channels that are divisible by groups, got 3 and 4 for groups 2",
        () -> new Conv1d(3, 4, 1, Conv2dOptions.DEFAULT.withGroups(2), true));
    rejects(
        IllegalArgumentException.class,
        "ConvTranspose2d: expected channels that are divisible by groups, got 4 and 3 for groups 2",
        () -> new ConvTranspose2d(4, 3, 1, Conv2dOptions.DEFAULT.withGroups(2), 0, true));
    rejects(
        IllegalArgumentException.class,
        "Unflatten: expected a dim of 0 or more and at least one size, got 1 and []",
        () -> new Unflatten(1));
  }
}
