// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.MatmulPrecision;
import java.util.List;
import java.util.function.Supplier;
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
  public Supplier<Results> compute() {
    int count = rows;
    Supplier<float[]> values;
    try (var threads = CpuThreads.setNumThreads(cores());
        var place = DefaultBackend.set(device.backend());
        var precision = MatmulPrecision.set(device.precision())) {
      values =
          forward.begin(
              count, (from, to) -> inputs.stream().map(input -> input.tensor(from, to)).toList());
    }
    inputs.forEach(InputBuffer::clear);
    rows = 0;
    return () -> results(values.get(), count);
  }

  private static int cores() {
    TaskContext task = TaskContext.get();
    return task == null ? CpuThreads.getNumThreads() : task.cpus();
  }

  private Results results(float[] values, int count) {
    int perRow = values.length / count;
    return (index, added) -> outputs.write(values, index * perRow, (index + 1) * perRow, added);
  }

  @Override
  public boolean computesByItself() {
    return device.backend().deviceType() == DeviceType.GPU;
  }
}
