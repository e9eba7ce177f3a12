// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.FeatureReader;
import io.sparkgrad.spark.train.NetworkFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Puts the rows of a partition through the network, a batch at a time, and appends what comes out.
 * Streams: it holds one batch of rows. Uses as many threads as the task has cores.
 */
public final class ClassPredictor implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final String architecture;
  private final Broadcast<byte[]> weights;
  private final long[] inputShape;
  private final int batchSize;
  private final FeatureReader features;
  private final int featuresIndex;
  private final boolean raw;
  private final boolean probability;
  private final boolean prediction;

  /**
   * Describes the work; crosses to the executors.
   *
   * @param weights of the network as a safetensors file
   * @param inputShape of one row
   * @param featuresIndex which field of a row holds the features
   * @param outputs which of raw prediction, probability and prediction are wanted
   */
  public ClassPredictor(
      String architecture,
      Broadcast<byte[]> weights,
      long[] inputShape,
      int batchSize,
      FeatureReader features,
      int featuresIndex,
      List<Boolean> outputs) {
    this.architecture = architecture;
    this.weights = weights;
    this.inputShape = inputShape.clone();
    this.batchSize = batchSize;
    this.features = features;
    this.featuresIndex = featuresIndex;
    this.raw = outputs.get(0);
    this.probability = outputs.get(1);
    this.prediction = outputs.get(2);
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return Collections.emptyIterator();
    }
    Module network = NetworkFactory.restored(architecture, weights.value());
    network.eval();
    return new Batches(network, rows);
  }

  private final class Batches implements Iterator<Row> {
    private final Module network;
    private final Iterator<Row> rows;
    private final Queue<Row> ready = new ArrayDeque<>();
    private long row;

    Batches(Module network, Iterator<Row> rows) {
      this.network = network;
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return !ready.isEmpty() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (ready.isEmpty()) {
        if (!rows.hasNext()) {
          throw new NoSuchElementException();
        }
        predictNextBatch();
      }
      return ready.remove();
    }

    private void predictNextBatch() {
      List<Row> batch = new ArrayList<>(batchSize);
      List<float[]> inputs = new ArrayList<>(batchSize);
      while (batch.size() < batchSize && rows.hasNext()) {
        Row next = rows.next();
        batch.add(next);
        inputs.add(features.read(next, featuresIndex, "row " + row++ + " of a partition"));
      }
      int length = inputs.get(0).length;
      float[] x = new float[Math.multiplyExact(batch.size(), length)];
      for (int i = 0; i < inputs.size(); i++) {
        System.arraycopy(inputs.get(i), 0, x, i * length, length);
      }
      long[] shape = new long[inputShape.length + 1];
      shape[0] = batch.size();
      System.arraycopy(inputShape, 0, shape, 1, inputShape.length);
      try (var threads = CpuThreads.setNumThreads(cores());
          var mode = GradMode.noGrad();
          var scope = TensorScope.open()) {
        Tensor output = network.call(Tensor.of(x, shape));
        int classes = Math.toIntExact(output.numel() / batch.size());
        float[] values = output.toFloatArray();
        for (int i = 0; i < batch.size(); i++) {
          ready.add(
              appended(batch.get(i), Arrays.copyOfRange(values, i * classes, (i + 1) * classes)));
        }
      }
    }

    private static int cores() {
      TaskContext task = TaskContext.get();
      return task == null ? CpuThreads.getNumThreads() : task.cpus();
    }

    private Row appended(Row row, float[] output) {
      Vector logits = rawVector(output);
      List<Object> fields = new ArrayList<>(row.size() + 3);
      for (int i = 0; i < row.size(); i++) {
        fields.add(row.get(i));
      }
      if (raw) {
        fields.add(logits);
      }
      if (probability) {
        fields.add(softmax(logits));
      }
      if (prediction) {
        fields.add((double) logits.argmax());
      }
      return RowFactory.create(fields.toArray());
    }
  }

  /** One row's output as a dense vector. */
  public static Vector rawVector(float[] output) {
    double[] values = new double[output.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = output[i];
    }
    return Vectors.dense(values);
  }

  /** {@code eˣ / Σ eˣ}, shifted by the maximum so that nothing overflows. */
  public static Vector softmax(Vector logits) {
    double[] p = logits.toArray().clone();
    double max = Arrays.stream(p).max().orElse(0);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(p[i] - max);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return Vectors.dense(p);
  }
}
