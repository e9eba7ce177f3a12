// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.global.dnnl;

/**
 * {@code y = α·a + β·b} of rows of numbers. The weights are arguments and not part of the
 * primitive: a learning rate may change with each step.
 */
final class WeightedSums {
  private static final int WEIGHT_OF_A = dnnl.DNNL_ARG_ATTR_SCALES | dnnl.DNNL_ARG_SRC_0;
  private static final int WEIGHT_OF_B = dnnl.DNNL_ARG_ATTR_SCALES | dnnl.DNNL_ARG_SRC_1;

  private final ConcurrentHashMap<Long, Primitive> primitives = new ConcurrentHashMap<>();

  /**
   * Computes one row.
   *
   * @param weights the address of α, which β follows
   * @param y where the result goes; it may be {@code a} or {@code b}
   */
  void run(long length, long weights, long a, long b, long y) {
    primitives
        .computeIfAbsent(length, WeightedSums::compiled)
        .run(a, b, y, weights, weights + Float.BYTES);
  }

  private static Primitive compiled(long length) {
    Format row = Format.rowMajor(length);
    Format weight = Format.rowMajor(1);
    try (Description p = new Description("weighted sum")) {
      p.checked(
          dnnl.dnnl_binary_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              dnnl.dnnl_binary_add,
              row.descriptor(),
              row.descriptor(),
              row.descriptor(),
              Weighted.ATTRIBUTES));
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_SRC_0, row),
          new Primitive.Argument(dnnl.DNNL_ARG_SRC_1, row),
          new Primitive.Argument(dnnl.DNNL_ARG_DST, row),
          new Primitive.Argument(WEIGHT_OF_A, weight),
          new Primitive.Argument(WEIGHT_OF_B, weight));
    }
  }

  /** Made when first used. */
  private static final class Weighted {
    static final dnnl_primitive_attr ATTRIBUTES = attributes();

    private static dnnl_primitive_attr attributes() {
      dnnl_primitive_attr attributes = Description.newAttributes();
      for (int operand : new int[] {dnnl.DNNL_ARG_SRC_0, dnnl.DNNL_ARG_SRC_1}) {
        Dnnl.check(dnnl.dnnl_primitive_attr_set_scales_mask(attributes, operand, 0), "weights");
      }
      return attributes;
    }
  }
}
