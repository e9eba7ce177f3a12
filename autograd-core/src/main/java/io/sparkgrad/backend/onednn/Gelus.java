// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.GeluKernel;
import io.sparkgrad.backend.java.HeapBuffer;
import io.sparkgrad.backend.java.JavaBackend;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Gelu and its gradient, of numbers in whatever layout they are, block by block. oneDNN takes NaN
 * and infinities for large numbers: a block with such goes through the java backend.
 */
final class Gelus {
  private static final int BLOCK = 1 << 14;

  private final Slices.Least least;
  private final JavaBackend java = new JavaBackend();
  private final ConcurrentHashMap<Key, Primitive> primitives = new ConcurrentHashMap<>();

  Gelus(Slices.Least least) {
    this.least = least;
  }

  private record Key(GeluKernel kernel, boolean gradient, int length) {
    int algorithm() {
      return kernel == GeluKernel.ERF ? dnnl.dnnl_eltwise_gelu_erf : dnnl.dnnl_eltwise_gelu_tanh;
    }
  }

  /** Treats so many elements at a position, in bytes. */
  private interface Step {
    void run(long at, int length);
  }

  void forward(GeluKernel kernel, Buffer x, Buffer y) {
    Format format = NativeBuffer.flatLayout(x);
    try (Operands o = new Operands()) {
      long from = o.read(x, format);
      long to = o.overwrite(y, format);
      eachBlock(
          x.length(),
          (at, length) -> {
            if (new FloatRows(from + at, 1, length).areFinite()) {
              primitives
                  .computeIfAbsent(new Key(kernel, false, length), Gelus::forward)
                  .run(from + at, to + at);
            } else {
              Buffer out = java.allocate(DType.FLOAT32, length);
              java.gelu(kernel, onHeap(from + at, length), out);
              RawMemory.write(HeapBuffer.floats(out), 0, to + at, length);
            }
          });
    }
  }

  void gradient(GeluKernel kernel, Buffer x, Buffer yGradient, Buffer xGradient) {
    Format format = NativeBuffer.flatLayout(x);
    try (Operands o = new Operands()) {
      long from = o.read(x, format);
      long g = o.read(yGradient, format);
      long to = o.overwrite(xGradient, format);
      eachBlock(
          x.length(),
          (at, length) -> {
            if (new FloatRows(from + at, 1, length).areFinite()) {
              primitives
                  .computeIfAbsent(new Key(kernel, true, length), Gelus::gradient)
                  .run(from + at, g + at, to + at);
            } else {
              Buffer out = java.allocate(DType.FLOAT32, length);
              java.geluGradient(kernel, onHeap(from + at, length), onHeap(g + at, length), out);
              RawMemory.write(HeapBuffer.floats(out), 0, to + at, length);
            }
          });
    }
  }

  private void eachBlock(long elements, Step step) {
    Slices s = Slices.of(elements, Slices.worthwhile(2 * elements, least.elements()), 64);
    Workers.run(
        s.count(),
        i -> {
          long end = s.start(i) + s.length(i);
          for (long start = s.start(i); start < end; start += BLOCK) {
            step.run(4 * start, (int) Math.min(BLOCK, end - start));
          }
        });
  }

  private Buffer onHeap(long address, int length) {
    Buffer copy = java.allocate(DType.FLOAT32, length);
    RawMemory.read(address, HeapBuffer.floats(copy), 0, length);
    return copy;
  }

  private static Description description(Key key, Format row) {
    Description p = new Description("gelu");
    return p.checked(
        dnnl.dnnl_eltwise_forward_primitive_desc_create(
            p.handle,
            Dnnl.engine(),
            dnnl.dnnl_forward_training,
            key.algorithm(),
            row.descriptor(),
            row.descriptor(),
            0,
            0,
            Description.attributes()));
  }

  private static Primitive forward(Key key) {
    Format row = Format.rowMajor(key.length);
    try (Description p = description(key, row)) {
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_SRC, row),
          new Primitive.Argument(dnnl.DNNL_ARG_DST, row));
    }
  }

  private static Primitive gradient(Key key) {
    Format row = Format.rowMajor(key.length);
    try (Description forward = description(key, row);
        Description p = new Description("gelu gradient")) {
      p.checked(
          dnnl.dnnl_eltwise_backward_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              key.algorithm(),
              row.descriptor(),
              row.descriptor(),
              row.descriptor(),
              0,
              0,
              forward.handle,
              Description.attributes()));
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_SRC, row),
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_DST, row),
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SRC, row));
    }
  }
}
