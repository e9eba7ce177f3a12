// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is done to the result of a kernel before it is written: {@code relu(y·scale + shift +
 * summand)}, without what is missing.
 *
 * @param scale one factor for each channel (axis 1), or null
 * @param shift one summand for each channel, or null
 * @param summand of the result's shape, or null
 * @param relu whether negative results become 0
 */
public record Epilogue(
    @Nullable Buffer scale, @Nullable Buffer shift, @Nullable Buffer summand, boolean relu) {
  public static final Epilogue NONE = new Epilogue(null, null, null, false);
  public static final Epilogue RELU = new Epilogue(null, null, null, true);

  /** All but the last part. */
  public Epilogue withoutRelu() {
    return new Epilogue(scale, shift, summand, false);
  }

  /** Does it in passes of its own. */
  void apply(Buffer y, Shape shape) {
    Backend backend = y.backend();
    long[] perChannel = shape.dims().clone();
    Arrays.fill(perChannel, 1);
    perChannel[1] = shape.size(1);
    Shape channels = Shape.of(perChannel);
    if (scale != null) {
      backend.binary(BinaryKernel.MUL, y, shape, scale, channels, y, shape);
    }
    if (shift != null) {
      backend.binary(BinaryKernel.ADD, y, shape, shift, channels, y, shape);
    }
    if (summand != null) {
      backend.binary(BinaryKernel.ADD, y, shape, summand, shape, y, shape);
    }
    if (relu) {
      backend.unary(UnaryKernel.RELU, 0, y, y);
    }
  }
}
