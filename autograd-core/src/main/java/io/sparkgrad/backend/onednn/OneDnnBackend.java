// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.Pool2dGeometry;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is worth a native call to oneDNN, and leaves the rest to plain Java. Here are the
 * kernels that choose the layout of their operands, or depend on it: products, convolution and
 * pooling.
 */
final class OneDnnBackend extends AnyLayoutBackend {
  private final Convolutions convolutions;
  private final Poolings poolings;
  private final Products products;
  private final long worthwhile;

  /**
   * From where on native code is faster.
   *
   * @param elements FLOAT32 tensors of as many live in native memory
   * @param multiplications products of as many run there
   * @param slice what a slice for another thread holds at least
   */
  record Thresholds(long elements, long multiplications, Slices.Least slice) {
    Thresholds(long elements, long multiplications) {
      this(elements, multiplications, Slices.Least.DEFAULT);
    }

    static final Thresholds DEFAULT = new Thresholds(2048, 8192);
  }

  OneDnnBackend(Thresholds thresholds) {
    super(thresholds.elements, thresholds.slice);
    poolings = new Poolings(thresholds.slice);
    products = new Products(thresholds.slice);
    convolutions = new Convolutions(thresholds.slice, products);
    worthwhile = Math.max(1, thresholds.multiplications); // oneDNN takes no empty products
  }

  @Override
  public String name() {
    return "onednn";
  }

  @Override
  public void matmul(MatmulGeometry g, Buffer a, Buffer b, Buffer c) {
    boolean sameOverBatch = g.repeatA() && g.repeatB() && g.batch() > 1; // unknown to oneDNN
    if (a.dtype() == DType.FLOAT32
        && !sameOverBatch
        && (long) g.batch() * g.m() * g.n() * g.k() >= worthwhile) {
      products.matmul(g, a, b, c);
    } else {
      super.matmul(g, a, b, c);
    }
  }

  @Override
  public void linear(
      LinearGeometry g, Buffer x, Buffer weight, @Nullable Buffer bias, boolean relu, Buffer y) {
    if (x.dtype() != DType.FLOAT32 || (long) g.rows() * g.in() * g.out() < worthwhile) {
      super.linear(g, x, weight, bias, relu, y);
      return;
    }
    double bound = relu ? Magnitude.ofProduct(x, weight, g.in(), bias, y.length()) : Double.NaN;
    boolean fused = Magnitude.isSafe(bound);
    products.linear(g, x, weight, bias, fused, y);
    if (fused) {
      Magnitude.note(y, bound);
    } else if (relu) {
      unary(UnaryKernel.RELU, 0, y, y);
    }
  }

  private boolean isNative(Conv2dGeometry c, Buffer x) {
    long perResult = (long) c.inChannelsPerGroup() * c.kernelHeight() * c.kernelWidth();
    long results = (long) c.n() * c.outChannels() * c.outHeight() * c.outWidth();
    return x.dtype() == DType.FLOAT32 && perResult * results >= worthwhile;
  }

  @Override
  public void conv2d(Conv2dGeometry g, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y) {
    if (isNative(g, x)) {
      convolutions.forward(g, x, weight, bias, Epilogue.NONE, y);
    } else {
      super.conv2d(g, x, weight, bias, y);
    }
  }

  @Override
  public boolean fusesEpilogues() {
    return true;
  }

  /** oneDNN's relu turns NaN into 0, and is not used where there may be any. */
  @Override
  public void conv2d(
      Conv2dGeometry g, Buffer x, Buffer weight, @Nullable Buffer bias, Epilogue e, Buffer y) {
    if (!isNative(g, x)) {
      super.conv2d(g, x, weight, bias, e, y);
      return;
    }
    double bound = e.relu() ? Convolutions.bound(g, x, weight, bias, e, y) : Double.NaN;
    if (e.relu() && !Magnitude.isSafe(bound)) {
      convolutions.forward(g, x, weight, bias, e.withoutRelu(), y);
      unary(UnaryKernel.RELU, 0, y, y);
    } else {
      convolutions.forward(g, x, weight, bias, e, y);
      Magnitude.note(y, bound);
    }
  }

  @Override
  public void conv2dInputGradient(
      Conv2dGeometry g, Buffer yGradient, Buffer weight, Buffer xGradient) {
    if (isNative(g, yGradient)) {
      convolutions.inputGradient(g, yGradient, weight, xGradient);
    } else {
      super.conv2dInputGradient(g, yGradient, weight, xGradient);
    }
  }

  @Override
  public void conv2dWeightGradient(
      Conv2dGeometry g,
      Buffer x,
      Buffer yGradient,
      Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    if (isNative(g, yGradient)) {
      convolutions.weightGradient(g, x, yGradient, weightGradient, biasGradient);
    } else {
      super.conv2dWeightGradient(g, x, yGradient, weightGradient, biasGradient);
    }
  }

  /** oneDNN's maximum passes over NaN, and is never below the smallest finite number. */
  @Override
  public @Nullable Buffer maxPool2d(Pool2dGeometry g, Buffer x, Buffer y, boolean places) {
    boolean takes = x instanceof NativeBuffer && Poolings.canTake(g);
    float bound = takes ? Magnitude.of(x, x.length()) : Float.NaN;
    if (!Magnitude.isSafe(bound)) {
      return super.maxPool2d(g, x, y, places);
    }
    Buffer noted = poolings.max(this, g, x, y, places);
    Magnitude.note(y, bound);
    return noted;
  }

  @Override
  public void maxPool2dGradient(Pool2dGeometry g, Buffer places, Buffer gy, Buffer gx) {
    if (places instanceof PoolPlaces noted) {
      poolings.maxGradient(g, noted, gy, gx);
    } else {
      super.maxPool2dGradient(g, places, gy, gx);
    }
  }

  @Override
  public void maxPool2dIndices(Pool2dGeometry g, Buffer places, Buffer indices) {
    if (places instanceof PoolPlaces noted) {
      upload(poolings.indices(g, noted), indices);
    } else {
      super.maxPool2dIndices(g, places, indices);
    }
  }

  @Override
  public void avgPool2d(Pool2dGeometry g, boolean countIncludePad, Buffer x, Buffer y) {
    if (x instanceof NativeBuffer && Poolings.canTake(g)) {
      poolings.mean(kind(countIncludePad), g, x, y);
    } else {
      super.avgPool2d(g, countIncludePad, x, y);
    }
  }

  @Override
  public void avgPool2dGradient(Pool2dGeometry g, boolean countIncludePad, Buffer gy, Buffer gx) {
    if (gx instanceof NativeBuffer && Poolings.canTake(g)) {
      poolings.meanGradient(kind(countIncludePad), g, gy, gx);
    } else {
      super.avgPool2dGradient(g, countIncludePad, gy, gx);
    }
  }

  private static Poolings.Kind kind(boolean countIncludePad) {
    return countIncludePad ? Poolings.Kind.MEAN_WITH_PADDING : Poolings.Kind.MEAN;
  }
}
