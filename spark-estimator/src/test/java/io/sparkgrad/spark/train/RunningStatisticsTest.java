// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.data.Rows;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Batch norms of ranks that are threads. */
class RunningStatisticsTest {
  private static Module network() {
    return Sequential.builder()
        .add("fc1", new Linear(4, 2))
        .add("bn1", new BatchNorm1d(2))
        .add("bn2", new BatchNorm1d(2))
        .build();
  }

  private static Tensor state(Module network, String name) {
    return network.stateDict().get(name);
  }

  @Test
  @DisplayName("the mean over the ranks by their rows; without rows a rank counts for nothing")
  void weightedMean() throws Exception {
    long[] rows = {6, 2, 0};
    float[][] means = {{1, 10}, {5, 30}, {1e9f, Float.NaN}};
    long[] batches = {3, 1, 0};
    LinksInMemory.run(
        3,
        c -> {
          Module network = network().train();
          Tensor mean = state(network, "bn1.running_mean");
          Tensor tracked = state(network, "bn1.num_batches_tracked");
          tracked.fill_(batches[c.rank()] - 1);
          network.namedModules().get("bn1").forward(Tensor.zeros(2, 2)); // counts
          mean.backend().upload(means[c.rank()], mean.buffer());
          state(network, "bn1.running_var").fill_(1);
          Module stands = network.namedModules().get("bn2").eval();
          state(stands, "running_mean").fill_(c.rank());
          new RunningStatistics(network, c, rows[c.rank()]).average();
          assertArrayEquals(new float[] {2, 15}, mean.toFloatArray());
          assertArrayEquals(new float[] {1, 1}, state(network, "bn1.running_var").toFloatArray());
          assertEquals(2, tracked.item()); // 2.5, to even
          network.namedModules().get("bn1").forward(Tensor.zeros(2, 2));
          assertEquals(3, tracked.item(), "counted on");
          assertEquals(c.rank(), state(stands, "running_mean").toFloatArray()[0], "in eval mode");
          return true;
        });
  }

  @Test
  @DisplayName("after each epoch all ranks hold the same bits, though their rows differ")
  void afterAnEpoch() throws Exception {
    String architecture =
        Architecture.toJson(
            Sequential.builder()
                .add("fc1", new Linear(4, 6))
                .add("bn", new BatchNorm1d(6))
                .add("fc2", new Linear(6, 3))
                .build());
    List<Map<String, Tensor>> ranks =
        LinksInMemory.run(
                3,
                c -> {
                  int[] shares = {0, 17, 23, 23}; // the last has none
                  Rows rows =
                      new Workers.Numbered(
                          IntStream.range(shares[c.rank()], shares[c.rank() + 1]).boxed().toList());
                  TrainingPlan plan = Workers.plan(architecture, List.of(), 6);
                  return Workers.train(plan, c, rows, Workers.none()).network().stateDict();
                })
            .results();
    for (String name : ranks.get(0).keySet()) {
      for (Map<String, Tensor> rank : ranks) {
        assertArrayEquals(
            ranks.get(0).get(name).toDoubleArray(), rank.get(name).toDoubleArray(), name);
      }
    }
  }
}
