// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.backend.onednn.ConvolutionPrimitives.After;
import io.sparkgrad.backend.onednn.ConvolutionPrimitives.Convolution;
import io.sparkgrad.backend.onednn.ConvolutionPrimitives.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * 2-D convolution and its gradients, grouped ones included, in slices of the batch where several
 * threads may work. Each slice but the first has a weight gradient of its own, which are added in
 * order.
 */
final class Convolutions {
  private final Slices.Least least;
  private final ConvolutionPrimitives primitives = new ConvolutionPrimitives();
  private final ConcurrentHashMap<PlanKey, Plan> plans = new ConcurrentHashMap<>();
  private final UnfoldedWeightGradients unfolded;

  Convolutions(Slices.Least least, Products products) {
    this.least = least;
    this.unfolded = new UnfoldedWeightGradients(products);
  }

  private record PlanKey(Convolution key, long count) {}

  /**
   * What to run.
   *
   * @param whole for the formats of all images together
   * @param each for all slices but the last
   * @param unfoldedBlock as {@link UnfoldedWeightGradients#block} says
   */
  private record Plan(
      Slices slices, Primitive whole, Primitive each, Primitive last, int unfoldedBlock) {
    Primitive primitive(int slice) {
      return slice < slices.count() - 1 ? each : last;
    }

    /** Where the slice begins in an argument that starts at this address. */
    long address(long start, int argument, int slice) {
      return start + slices.start(slice) * (whole.format(argument).bytes() / slices.total());
    }
  }

  private static long multiplications(Conv2dGeometry c) {
    return weights(c) * c.n() * c.outHeight() * c.outWidth();
  }

  private static long weights(Conv2dGeometry c) {
    return (long) c.outChannels() * c.inChannelsPerGroup() * c.kernelHeight() * c.kernelWidth();
  }

  /**
   * The plan for the calling thread.
   *
   * @param uses of each weight in a slice, at least
   */
  private Plan plan(Convolution key, long uses) {
    long work = multiplications(key.geometry());
    long leastWork = Math.max(least.multiplications(), weights(key.geometry()) * uses);
    long count = Math.min(Slices.worthwhile(work, leastWork), key.geometry().n());
    return plans.computeIfAbsent(new PlanKey(key, count), this::plan);
  }

  private Plan plan(PlanKey k) {
    Primitive whole = primitives.get(k.key);
    if (k.key.kind() == Kind.WEIGHT_GRADIENT) {
      int block =
          UnfoldedWeightGradients.block(
              k.key.geometry(), whole.format(0), whole.format(1), whole.format(2));
      if (block > 0) {
        return undivided(k.key.geometry(), whole, block);
      }
    }
    Slices slices = Slices.of(k.key.geometry().n(), k.count, 1);
    if (slices.count() > 1) {
      Primitive each = primitives.get(k.key.ofImages(slices.size()));
      long rest = slices.length(slices.count() - 1);
      Primitive last = primitives.get(k.key.ofImages(rest));
      if (isPart(k.key.kind(), each, slices.size(), whole)
          && isPart(k.key.kind(), last, rest, whole)) {
        return new Plan(slices, whole, each, last, 0);
      }
    }
    return undivided(k.key.geometry(), whole, 0);
  }

  private static Plan undivided(Conv2dGeometry geometry, Primitive whole, int unfoldedBlock) {
    return new Plan(Slices.of(geometry.n(), 1, 1), whole, whole, whole, unfoldedBlock);
  }

  /** Whether a primitive for fewer images takes its arguments as they stand in those for all. */
  private static boolean isPart(Kind kind, Primitive part, long images, Primitive whole) {
    for (int i = 0; i < 3; i++) {
      Format format = whole.format(i);
      if (part.format(i) != (kind.isBatched(i) ? format.first(images) : format)) {
        return false;
      }
    }
    return true;
  }

  /** What no result exceeds; NaN if that is not worth finding out. */
  static double bound(
      Conv2dGeometry g, Buffer x, Buffer weight, @Nullable Buffer bias, Epilogue e, Buffer y) {
    long summands = (long) g.inChannelsPerGroup() * g.kernelHeight() * g.kernelWidth();
    long budget = y.length(); // a pass of its own would read and write as much
    double bound = Magnitude.ofProduct(x, weight, summands, bias, budget);
    double scaled = e.scale() == null ? bound : bound * Magnitude.of(e.scale(), budget);
    return scaled + Magnitude.of(e.shift(), budget) + Magnitude.of(e.summand(), budget);
  }

  void forward(
      Conv2dGeometry geometry,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      Epilogue epilogue,
      Buffer y) {
    Convolution key = new Convolution(Kind.FORWARD, geometry, bias != null, After.of(epilogue));
    Plan p = plan(key, least.uses());
    try (Operands o = new Operands()) {
      List<Buffer> operands = new ArrayList<>(4);
      addIfAny(operands, bias);
      addIfAny(operands, epilogue.scale());
      addIfAny(operands, epilogue.shift());
      addIfAny(operands, epilogue.summand());
      long[] addresses = new long[3 + operands.size()];
      addresses[0] = o.read(x, p.whole.format(0));
      addresses[1] = o.read(weight, p.whole.format(1));
      for (int i = 3; i < addresses.length; i++) {
        addresses[i] = o.read(operands.get(i - 3), p.whole.format(i));
      }
      addresses[2] = o.overwrite(y, p.whole.format(2));
      runBatched(p, epilogue.summand() == null ? -1 : addresses.length - 1, addresses);
    }
  }

  private static void addIfAny(List<Buffer> buffers, @Nullable Buffer buffer) {
    if (buffer != null) {
      buffers.add(buffer);
    }
  }

  void inputGradient(Conv2dGeometry geometry, Buffer yGradient, Buffer weight, Buffer xGradient) {
    Plan p =
        plan(new Convolution(Kind.INPUT_GRADIENT, geometry, false, After.NOTHING), least.uses());
    try (Operands o = new Operands()) {
      long source = o.read(yGradient, p.whole.format(0));
      long weights = o.read(weight, p.whole.format(1));
      runBatched(p, -1, source, weights, o.overwrite(xGradient, p.whole.format(2)));
    }
  }

  /** With one entry for each image in the first argument, the third and, if 3 or more, another. */
  private static void runBatched(Plan p, int another, long... addresses) {
    Workers.run(
        p.slices.count(),
        slice -> {
          long[] from = addresses.clone();
          from[0] = p.address(from[0], 0, slice);
          from[2] = p.address(from[2], 2, slice);
          if (another >= 0) {
            from[another] = p.address(from[another], another, slice);
          }
          p.primitive(slice).run(from);
        });
  }

  void weightGradient(
      Conv2dGeometry geometry,
      Buffer x,
      Buffer yGradient,
      Buffer wGradient,
      @Nullable Buffer biasGradient) {
    Plan p =
        plan(
            new Convolution(Kind.WEIGHT_GRADIENT, geometry, biasGradient != null, After.NOTHING),
            least.summands());
    try (Operands o = new Operands()) {
      long source = o.read(x, p.whole.format(0));
      long gradient = o.read(yGradient, p.whole.format(1));
      if (p.unfoldedBlock > 0) {
        long weights = o.overwrite(wGradient, p.whole.format(2));
        long bias = biasGradient == null ? 0 : o.overwrite(biasGradient, null);
        unfolded.run(o, geometry, p.unfoldedBlock, source, gradient, weights, bias);
        return;
      }
      int count = p.slices.count();
      Partials w =
          new Partials(
              o, o.overwrite(wGradient, p.whole.format(2)), p.whole.format(2).bytes(), count);
      Partials b =
          biasGradient == null
              ? null
              : new Partials(o, o.overwrite(biasGradient, null), 4 * biasGradient.length(), count);
      Workers.run(
          count,
          i -> {
            long from = p.address(source, 0, i);
            long gy = p.address(gradient, 1, i);
            if (b == null) {
              p.primitive(i).run(from, gy, w.address(i));
            } else {
              p.primitive(i).run(from, gy, w.address(i), b.address(i));
            }
          });
      w.addUp(least);
      if (b != null) {
        b.addUp(least);
      }
    }
  }
}
