// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.backend.MatmulPrecision;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;

/** Puts batches of a partition's rows through the network, with as many threads as its task has. */
final class BatchPrediction implements BatchWork {
  /** Where to compute, and how exactly. */
  record Device(Backend backend, MatmulPrecision precision) {}

  private final ForwardPass forward;
  private final Device device;
  private final List<InputBuffer> inputs;
  private final Outputs outputs;

  private int rows;
  private float[] results = new float[0];
  private int perRow;

  BatchPrediction(ForwardPass forward, Device device, List<InputBuffer> inputs, Outputs outputs) {
    this.forward = forward;
    this.device = device;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  @Override
  public void read(InternalRow row, Object where) {
    inputs.forEach(input -> input.append(row, where));
    rows++;
  }

  @Override
  public void compute() {
    try (var threads = CpuThreads.setNumThreads(cores());
        var place = DefaultBackend.set(device.backend());
        var precision = MatmulPrecision.set(device.precision())) {
      results =
          forward.run(
              rows, (from, to) -> inputs.stream().map(input -> input.tensor(from, to)).toList());
    }
    inputs.forEach(InputBuffer::clear);
    perRow = results.length / rows;
    rows = 0;
  }

  private static int cores() {
    TaskContext task = TaskContext.get();
    return task == null ? CpuThreads.getNumThreads() : task.cpus();
  }

  @Override
  public void write(int index, InternalRow added) {
    outputs.write(results, index * perRow, (index + 1) * perRow, added);
  }
}
