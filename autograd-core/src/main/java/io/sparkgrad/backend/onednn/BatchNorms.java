// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/** Batch normalisation and its gradients, in the layout in which the input is. */
final class BatchNorms {
  private final ConcurrentHashMap<Key, Primitive> primitives = new ConcurrentHashMap<>();

  /** What a primitive is compiled for. */
  private record Key(
      boolean gradient, BatchNormGeometry geometry, Format format, boolean scale, boolean shift) {

    int flags() {
      return (scale ? dnnl.dnnl_use_scale : 0)
          | (shift ? dnnl.dnnl_use_shift : 0)
          | (geometry.ofBatch() ? 0 : dnnl.dnnl_use_global_stats);
    }
  }

  private final ConcurrentHashMap<BatchNormGeometry, Format> rowMajor = new ConcurrentHashMap<>();

  /** That of x if it is one of these dimensions. */
  private Format format(BatchNormGeometry g, Buffer x) {
    Format plain =
        rowMajor.computeIfAbsent(
            g, k -> Format.rowMajor(k.n(), k.channels(), k.height(), k.width()));
    Format current = x instanceof NativeBuffer numbers ? numbers.current() : null;
    return current != null && current.sameDims(plain) ? current : plain;
  }

  void forward(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    Format format = format(geometry, x);
    Key key = new Key(false, geometry, format, weight != null, bias != null);
    Primitive p = primitives.computeIfAbsent(key, BatchNorms::forward);
    try (Operands o = new Operands()) {
      List<Long> addresses = new ArrayList<>(6);
      addresses.add(o.read(x, format));
      addresses.add(o.overwrite(y, format));
      addresses.add(geometry.ofBatch() ? o.overwrite(mean, null) : o.read(mean, null));
      addresses.add(geometry.ofBatch() ? o.overwrite(variance, null) : o.read(variance, null));
      if (weight != null) {
        addresses.add(o.read(weight, null));
      }
      if (bias != null) {
        addresses.add(o.read(bias, null));
      }
      run(p, addresses);
    }
  }

  void gradient(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    Format format = format(geometry, x);
    // With a weight, oneDNN computes its gradient in any case.
    boolean affine = weight != null || weightGradient != null || biasGradient != null;
    Key key = new Key(true, geometry, format, affine, affine);
    Primitive p = primitives.computeIfAbsent(key, BatchNorms::gradient);
    long channelBytes = 4L * geometry.channels();
    try (Operands o = new Operands()) {
      List<Long> addresses = new ArrayList<>(8);
      addresses.add(o.read(x, format));
      addresses.add(o.read(mean, null));
      addresses.add(o.read(variance, null));
      addresses.add(o.read(yGradient, format));
      addresses.add(xGradient == null ? o.scratch(format.bytes()) : o.overwrite(xGradient, format));
      if (affine) {
        addresses.add(weight == null ? ones(o, geometry.channels()) : o.read(weight, null));
        addresses.add(
            weightGradient == null ? o.scratch(channelBytes) : o.overwrite(weightGradient, null));
        addresses.add(
            biasGradient == null ? o.scratch(channelBytes) : o.overwrite(biasGradient, null));
      }
      run(p, addresses);
    }
  }

  private static long ones(Operands o, int channels) {
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    long address = o.scratch(4L * channels);
    RawMemory.write(ones, 0, address, channels);
    return address;
  }

  private static void run(Primitive p, List<Long> addresses) {
    p.run(addresses.stream().mapToLong(Long::longValue).toArray());
  }

  private static Primitive forward(Key key) {
    try (Description p = description(key)) {
      Format channels = Format.rowMajor(key.geometry.channels());
      List<Primitive.Argument> arguments = new ArrayList<>();
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SRC, key.format));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DST, key.format));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_MEAN, channels));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_VARIANCE, channels));
      if (key.scale) {
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SCALE, channels));
      }
      if (key.shift) {
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SHIFT, channels));
      }
      return p.compiled(arguments.toArray(Primitive.Argument[]::new));
    }
  }

  private static Description description(Key key) {
    Description p = new Description("batch norm");
    boolean training = key.gradient || key.geometry.ofBatch();
    return p.checked(
        dnnl.dnnl_batch_normalization_forward_primitive_desc_create(
            p.handle,
            Dnnl.engine(),
            training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
            key.format.descriptor(),
            key.format.descriptor(),
            (float) key.geometry.eps(),
            key.flags(),
            Description.attributes()));
  }

  private static Primitive gradient(Key key) {
    try (Description forward = description(key);
        Description p = new Description("batch norm gradient")) {
      p.checked(
          dnnl.dnnl_batch_normalization_backward_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              key.scale ? dnnl.dnnl_backward : dnnl.dnnl_backward_data,
              key.format.descriptor(),
              key.format.descriptor(),
              key.format.descriptor(),
              (float) key.geometry.eps(),
              key.flags(),
              forward.handle,
              Description.attributes()));
      Format channels = Format.rowMajor(key.geometry.channels());
      List<Primitive.Argument> arguments = new ArrayList<>();
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SRC, key.format));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_MEAN, channels));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_VARIANCE, channels));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DIFF_DST, key.format));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SRC, key.format));
      if (key.scale) {
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SCALE, channels));
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SCALE, channels));
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SHIFT, channels));
      }
      return p.compiled(arguments.toArray(Primitive.Argument[]::new));
    }
  }
}
