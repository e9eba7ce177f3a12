// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.InputBatch;
import io.sparkgrad.spark.data.InputColumns;
import io.sparkgrad.spark.data.InputReader;
import io.sparkgrad.spark.data.InputSpec;
import io.sparkgrad.spark.device.DeviceSettings;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Applies networks to DataFrames, and to single rows in the same way. */
public final class Predictions {
  private Predictions() {}

  /**
   * The DataFrame with the plan's outputs appended. Lazy, as all of Spark, and a stream if the
   * DataFrame is one.
   *
   * @throws io.sparkgrad.spark.data.InputException if the name of an output is taken
   */
  public static Dataset<Row> append(Dataset<?> dataset, PredictionPlan plan) {
    StructType schema = dataset.schema();
    Outputs outputs = plan.outputs();
    InputColumns.append(schema, outputs.fields()); // checks the names
    if (outputs.fields().isEmpty()) {
      return dataset.toDF();
    }
    List<InputSpec> inputs = plan.inputs();
    DeviceSettings settings = plan.device();
    List<InputReader> readers = inputs.stream().map(i -> InputReader.of(i, schema)).toList();
    Broadcast<SharedNetwork> network = plan.network().on(dataset.sparkSession().sparkContext());
    CatalystBatches.WorkFactory work =
        () -> {
          Backend backend = settings.preference().require(TaskContext.get());
          List<InputBuffer> buffers =
              IntStream.range(0, inputs.size())
                  .mapToObj(i -> new InputBuffer(inputs.get(i), readers.get(i)))
                  .toList();
          return new BatchPrediction(
              new ForwardPass(network.value().module(backend), settings.onOutOfMemory()),
              new BatchPrediction.Device(backend, settings.precision()),
              buffers,
              outputs);
        };
    return CatalystBatches.append(dataset, outputs.fields(), plan.batchSize(), work);
  }

  /**
   * What the network puts out for one row, on this machine's CPU, whatever the plan's device.
   *
   * @throws io.sparkgrad.spark.data.InputException if the vector does not have the length of the
   *     network's input or is not finite
   */
  public static float[] single(PredictionPlan plan, Vector features) {
    Module network = plan.network().network().module();
    try (var device = DefaultBackend.set(Backends.cpu().backend())) {
      return new ForwardPass(network, OutOfMemory.FAIL)
          .run(1, (from, to) -> List.of(InputBatch.ofVector(plan.inputs().get(0), features)));
    }
  }
}
