// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.SgdStep;
import io.sparkgrad.backend.java.HeapBuffer;
import io.sparkgrad.backend.java.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Steps of optimisers. The parameters in native memory are one range, cut into pieces that threads
 * share; the small ones, in Java arrays, are left to the java backend. A parameter and its state
 * take the layout of the gradient, which most often is the one that the next forward pass wants: in
 * one flat buffer they would have to be converted in every step.
 */
final class ParameterSteps {
  /** Elements; in smaller pieces the cost of SGD's native calls tells. */
  private static final int PIECE = 1 << 16;

  /** Elements; the five operands of Adam then fit the first-level cache. */
  private static final int BLOCK = 1024;

  // Which operand a list is
  private static final int PARAMETER = 0;
  private static final int GRADIENT = 1;
  private static final int MOMENTUM = 2;

  private final Slices.Least least;
  private final JavaBackend java = new JavaBackend();
  private final WeightedSums sums = new WeightedSums();
  private final ThreadLocal<List<List<Buffer>>> blocks = ThreadLocal.withInitial(this::newBlocks);

  ParameterSteps(Slices.Least least) {
    this.least = least;
  }

  /** One for each operand, as the list that a kernel takes. */
  private List<List<Buffer>> newBlocks() {
    List<List<Buffer>> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(List.of(java.allocate(DType.FLOAT32, BLOCK)));
    }
    return made;
  }

  void sgd(SgdStep s, List<Buffer> parameters, List<Buffer> gradients, List<Buffer> momenta) {
    List<List<Buffer>> operands = List.of(parameters, gradients, momenta);
    List<List<Buffer>> small = where(false, operands);
    java.sgdStep(s, small.get(PARAMETER), small.get(GRADIENT), small.get(MOMENTUM));
    List<Sum> steps = sgdSums(s);
    try (Operands o = new Operands()) {
      long weights = o.scratch((long) Sum.WEIGHT_BYTES * steps.size());
      for (int i = 0; i < steps.size(); i++) {
        steps.get(i).writeWeights(weights + (long) Sum.WEIGHT_BYTES * i);
      }
      run(
          pieces(where(true, operands), o),
          piece -> {
            for (int i = 0; i < steps.size(); i++) {
              Sum sum = steps.get(i);
              sums.run(
                  piece.length,
                  weights + (long) Sum.WEIGHT_BYTES * i,
                  piece.addresses[sum.a],
                  piece.addresses[sum.b],
                  piece.addresses[sum.result]);
            }
          });
    }
  }

  /** {@code result = α·a + β·b} of whole operands. */
  private record Sum(int result, double alpha, int a, double beta, int b) {
    static final int WEIGHT_BYTES = 2 * Float.BYTES;

    void writeWeights(long address) {
      RawMemory.write(new float[] {(float) alpha, (float) beta}, 0, address, 2);
    }
  }

  /** The step taken apart in such an order that nothing has to be remembered between the sums. */
  private static List<Sum> sgdSums(SgdStep s) {
    double sign = s.maximize() ? -1 : 1;
    double decay = s.weightDecay();
    double kept = 1 - s.lr() * decay;
    List<Sum> steps = new ArrayList<>(4);
    if (s.momentum() == 0) {
      steps.add(new Sum(PARAMETER, kept, PARAMETER, -s.lr() * sign, GRADIENT));
      return steps;
    }
    double fresh = sign * (1 - s.dampening());
    if (!s.firstStep()) {
      steps.add(new Sum(MOMENTUM, s.momentum(), MOMENTUM, fresh, GRADIENT));
      if (decay != 0) {
        steps.add(new Sum(MOMENTUM, 1, MOMENTUM, (1 - s.dampening()) * decay, PARAMETER));
      }
    } else if (decay != 0) {
      steps.add(new Sum(MOMENTUM, sign, GRADIENT, decay, PARAMETER));
    } else {
      steps.add(new Sum(MOMENTUM, sign / 2, GRADIENT, sign / 2, GRADIENT));
    }
    if (s.nesterov()) {
      steps.add(new Sum(PARAMETER, kept, PARAMETER, -s.lr() * sign, GRADIENT));
      steps.add(new Sum(PARAMETER, 1, PARAMETER, -s.lr() * s.momentum(), MOMENTUM));
    } else {
      steps.add(new Sum(PARAMETER, 1, PARAMETER, -s.lr(), MOMENTUM));
    }
    return steps;
  }

  void adam(
      AdamStep s,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> expAvgs,
      List<Buffer> expAvgSqs,
      List<Buffer> maxExpAvgSqs) {
    List<List<Buffer>> operands = List.of(parameters, gradients, expAvgs, expAvgSqs, maxExpAvgSqs);
    adam(s, where(false, operands));
    try (Operands o = new Operands()) {
      run(pieces(where(true, operands), o), piece -> adam(s, piece));
    }
  }

  private void adam(AdamStep s, List<List<Buffer>> o) {
    List<Buffer> largest = o.size() == 5 ? o.get(4) : List.of();
    java.adamStep(s, o.get(PARAMETER), o.get(GRADIENT), o.get(2), o.get(3), largest);
  }

  /** By the java backend on copies in Java arrays, a block at a time. */
  private void adam(AdamStep s, Piece piece) {
    int operands = piece.addresses.length;
    List<List<Buffer>> block = blocks.get().subList(0, operands);
    for (long done = 0; done < piece.length; done += BLOCK) {
      long offset = Float.BYTES * done;
      int n = (int) Math.min(BLOCK, piece.length - done);
      for (int i = 0; i < operands; i++) {
        RawMemory.read(piece.addresses[i] + offset, values(block, i), 0, n);
      }
      adam(s, block);
      for (int i = 0; i < operands; i++) {
        if (i != GRADIENT) {
          RawMemory.write(values(block, i), 0, piece.addresses[i] + offset, n);
        }
      }
    }
  }

  private static float[] values(List<List<Buffer>> block, int operand) {
    return HeapBuffer.floats(block.get(operand).get(0));
  }

  /** The operands of those parameters that are in native memory, or of the others. */
  private static List<List<Buffer>> where(boolean inNativeMemory, List<List<Buffer>> operands) {
    List<List<Buffer>> chosen = new ArrayList<>();
    for (List<Buffer> all : operands) {
      List<Buffer> some = new ArrayList<>(all.size());
      for (int p = 0; p < all.size(); p++) {
        if (operands.get(PARAMETER).get(p) instanceof NativeBuffer == inNativeMemory) {
          some.add(all.get(p));
        }
      }
      chosen.add(some);
    }
    return chosen;
  }

  /**
   * A stretch of one parameter.
   *
   * @param addresses where it begins in each of the operands
   */
  private record Piece(long length, long[] addresses) {}

  private static List<Piece> pieces(List<List<Buffer>> operands, Operands o) {
    List<List<Buffer>> given = operands.stream().filter(all -> !all.isEmpty()).toList();
    List<Piece> pieces = new ArrayList<>();
    for (int p = 0; p < operands.get(PARAMETER).size(); p++) {
      Format format = NativeBuffer.flatLayout(operands.get(GRADIENT).get(p));
      long[] begin = new long[given.size()];
      for (int i = 0; i < begin.length; i++) {
        Buffer operand = given.get(i).get(p);
        begin[i] = i == GRADIENT ? o.read(operand, format) : o.update(operand, format);
      }
      long length = operands.get(PARAMETER).get(p).length();
      for (long start = 0; start < length; start += PIECE) {
        long offset = Float.BYTES * start;
        long[] addresses = Arrays.stream(begin).map(a -> a + offset).toArray();
        pieces.add(new Piece(Math.min(PIECE, length - start), addresses));
      }
    }
    return pieces;
  }

  private void run(List<Piece> pieces, Consumer<Piece> step) {
    long work = pieces.stream().mapToLong(p -> p.length * p.addresses.length).sum();
    if (Slices.worthwhile(work, least.elements()) > 1) {
      Workers.run(pieces.size(), i -> step.accept(pieces.get(i)));
    } else {
      pieces.forEach(step);
    }
  }
}
