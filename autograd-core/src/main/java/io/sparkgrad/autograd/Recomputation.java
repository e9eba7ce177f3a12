// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint keeps of a part of the network: the part itself, its inputs, the state of the
 * generator, and shape and type of each tensor it would have saved, in order. Running the part
 * again under the same mode saves the same tensors in the same order, and these are handed out
 * instead. They live until backward has released all of them, or to the end of the outermost pass.
 * Inputs are saved tensors in turn, so that a checkpoint around this one need not keep them either.
 */
final class Recomputation implements SavedTensorSink {
  private final Checkpoint.Segment segment;
  private final SavedTensor[] inputs;
  private final long generatorState;
  private final boolean earlyStop;
  private final List<Expected> expected = new ArrayList<>();
  private int released;
  private @Nullable List<SavedTensor> recomputed;

  private record Expected(Shape shape, DType dtype) {
    static Expected of(Tensor t) {
      return new Expected(t.shape(), t.dtype());
    }
  }

  Recomputation(Checkpoint.Segment segment, Tensor[] inputs, boolean earlyStop) {
    this.segment = segment;
    this.inputs =
        Arrays.stream(inputs)
            .map(t -> new SavedTensor("Checkpoint", t))
            .toArray(SavedTensor[]::new);
    this.generatorState = Generator.current().state();
    this.earlyStop = earlyStop;
  }

  /** In the forward pass: notes the tensor and does not keep it. */
  @Override
  public synchronized Slot take(String user, Tensor tensor) {
    expected.add(Expected.of(tensor));
    return new Numbered(this, expected.size() - 1);
  }

  private record Numbered(Recomputation source, int index) implements Slot {
    @Override
    public Tensor get() {
      return source.get(index);
    }

    @Override
    public void release() {
      source.releaseOne();
    }
  }

  synchronized void releaseIfUnused() {
    if (released == expected.size()) {
      recomputed = null;
      Arrays.stream(inputs).forEach(SavedTensor::release);
    }
  }

  private synchronized void releaseOne() {
    released++;
    releaseIfUnused();
  }

  /** At the end of a pass that keeps its graph: another pass computes again. */
  synchronized void forget() {
    recomputed = null;
  }

  private synchronized Tensor get(int index) {
    List<SavedTensor> known = recomputed;
    if (known == null) {
      known = recompute();
      recomputed = known;
      Modes.current().recomputations.add(this);
    }
    return known.get(index).get();
  }

  private List<SavedTensor> recompute() {
    Tensor[] arguments = Arrays.stream(inputs).map(SavedTensor::get).toArray(Tensor[]::new);
    Modes modes = Modes.current();
    Generator generator = Generator.current();
    long state = generator.state();
    SavedTensorSink outer = modes.sink;
    Collector collector = new Collector();
    modes.sink = collector;
    generator.setState(generatorState);
    try (var mode = GradMode.enableGrad()) {
      segment.apply(arguments);
    } catch (Complete complete) {
      if (complete.collector != collector) {
        throw complete;
      }
    } finally {
      modes.sink = outer;
      generator.setState(state);
    }
    if (collector.taken != expected.size()) {
      throw new AutogradException(
          "Checkpoint: a different number of tensors was saved in the forward pass and in its recomputation: expected %d, got %d; the part has to do the same both times."
              .formatted(expected.size(), collector.taken));
    }
    return collector.tensors;
  }

  /** Takes what the recomputation saves. */
  private final class Collector implements SavedTensorSink {
    private final List<SavedTensor> tensors = new ArrayList<>();
    private int taken;

    @Override
    public Slot take(String user, Tensor tensor) {
      if (taken++ < expected.size()) {
        Expected original = expected.get(taken - 1);
        if (!original.equals(Expected.of(tensor))) {
          throw new AutogradException(
              "Checkpoint: tensor %d for %s has different metadata in the recomputation: expected %s %s, got %s %s; the part has to do the same both times."
                  .formatted(
                      taken - 1,
                      user,
                      original.dtype,
                      original.shape,
                      tensor.dtype(),
                      tensor.shape()));
        }
        tensors.add(kept(user, tensor));
        if (earlyStop && taken == expected.size()) {
          throw new Complete(this);
        }
      }
      return Unused.SLOT;
    }

    private SavedTensor kept(String user, Tensor tensor) {
      Modes modes = Modes.current();
      SavedTensorSink self = modes.sink;
      modes.sink = null;
      try {
        return new SavedTensor(user, tensor.detach());
      } finally {
        modes.sink = self;
      }
    }
  }

  /** The graph of a recomputation is never walked. */
  private enum Unused implements Slot {
    SLOT;

    @Override
    public Tensor get() {
      throw new IllegalStateException("the graph of a recomputation is never walked");
    }

    @Override
    public void release() {}
  }

  /** Leaves the part, since all that is needed has been computed. */
  private static final class Complete extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Collector collector;

    Complete(Collector collector) {
      super("recomputation is complete", null, false, false);
      this.collector = collector;
    }
  }
}
