// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The vertex of an operation: its formula and the tensors it saved. */
final class OpNode extends Node {
  private final List<SavedTensor> saved = new ArrayList<>(2);
  private final Backward backward;

  OpNode(String name, Tensor result, @Nullable Edge[] next, Tape.Formula formula) {
    super(name + "Backward", new Output[] {Output.of(result)}, false, next);
    this.backward = formula.create(new Saver(result));
  }

  @Override
  @Nullable Tensor[] apply(@Nullable Tensor[] gradOutputs, Backward.Needs needs) {
    Tensor gradOutput = gradOutputs[0];
    return gradOutput == null
        ? new Tensor[edges().length]
        : checked(backward.backward(gradOutput, needs));
  }

  @Override
  void release() {
    saved.forEach(SavedTensor::release);
  }

  private final class Saver implements Tape.Saver {
    private final Tensor result;

    Saver(Tensor result) {
      this.result = result;
    }

    @Override
    public boolean needs(int input) {
      return edges()[input] != null;
    }

    @Override
    public SavedTensor save(Tensor input) {
      return remember(new SavedTensor(OpNode.this, input));
    }

    @Override
    public SavedTensor saveResult() {
      return remember(SavedTensor.output(OpNode.this, result));
    }

    private SavedTensor remember(SavedTensor s) {
      saved.add(s);
      return s;
    }
  }
}
