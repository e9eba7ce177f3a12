// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The images of a partition through the network, a batch at a time, on one thread.
 *
 * @param <T> a row
 */
final class DjlPartition<T> implements MapPartitionsFunction<T, DjlPrediction> {
  private static final long serialVersionUID = 1L;
  private static final int CHANNELS = 3;
  private static final int SIDE = 32;

  /** Of a row. */
  interface Id<T> extends ToLongFunction<T>, Serializable {}

  /** Of a row. */
  interface Image<T> extends Function<T, float[]>, Serializable {}

  private final Broadcast<DjlNetwork> network;
  private final int batchSize;
  private final Id<T> id;
  private final Image<T> image;

  DjlPartition(Broadcast<DjlNetwork> network, int batchSize, Id<T> id, Image<T> image) {
    this.network = network;
    this.batchSize = batchSize;
    this.id = id;
    this.image = image;
  }

  @Override
  public Iterator<DjlPrediction> call(Iterator<T> rows) {
    UnaryOperator<NDArray> built = network.value().built();
    JniUtils.setNumThreads(1); // of the calling thread
    NDManager manager = Engine.getEngine(DjlNetwork.ENGINE).newBaseManager();
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> manager.close());
    return new Batches(manager, built, rows);
  }

  private final class Batches implements Iterator<DjlPrediction> {
    private final NDManager manager;
    private final UnaryOperator<NDArray> network;
    private final Iterator<T> rows;
    private Iterator<DjlPrediction> ready = List.<DjlPrediction>of().iterator();

    Batches(NDManager manager, UnaryOperator<NDArray> network, Iterator<T> rows) {
      this.manager = manager;
      this.network = network;
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return ready.hasNext() || rows.hasNext();
    }

    @Override
    public DjlPrediction next() {
      if (!ready.hasNext()) {
        ready = batch().iterator();
      }
      return ready.next();
    }

    private List<DjlPrediction> batch() {
      List<DjlPrediction> results = new ArrayList<>(batchSize);
      float[] pixels = new float[batchSize * CHANNELS * SIDE * SIDE];
      int used = 0;
      while (results.size() < batchSize && rows.hasNext()) {
        T row = rows.next();
        DjlPrediction result = new DjlPrediction();
        result.setId(id.applyAsLong(row));
        results.add(result);
        float[] values = image.apply(row);
        System.arraycopy(values, 0, pixels, used, values.length);
        used += values.length;
      }
      float[] logits =
          logits(used == pixels.length ? pixels : Arrays.copyOf(pixels, used), results.size());
      int classes = logits.length / results.size();
      for (int i = 0; i < results.size(); i++) {
        results.get(i).setPrediction(argmax(logits, i * classes, (i + 1) * classes));
      }
      return results;
    }

    private float[] logits(float[] pixels, int count) {
      try (NDManager step = manager.newSubManager()) {
        NDArray x = step.create(pixels, new Shape(count, CHANNELS, SIDE, SIDE));
        return network.apply(x).toFloatArray();
      }
    }

    private static int argmax(float[] values, int from, int to) {
      int best = from;
      for (int i = from + 1; i < to; i++) {
        best = values[i] > values[best] ? i : best;
      }
      return best - from;
    }
  }
}
