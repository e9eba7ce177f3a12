// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.RecordStore;
import io.sparkgrad.spark.data.RecordStores;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.train.NetworkSettings.FeatureCache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows as the frozen prefix of a network puts them out. With a cache the prefix computes each row
 * once, in the first whole pass over all rows; later passes read what it put out.
 */
final class FrozenFeatures implements Rows, AutoCloseable {
  /** How much larger than its input a row's features may be where they are not few. */
  private static final int MOST_TIMES_THE_INPUT = 4;

  private final Rows rows;
  private final FrozenPrefix prefix;
  private final RecordStores stores;

  private FeatureCache cache;
  private String use = "not used";
  private @Nullable FeatureRecords records;

  /** Of a prefix that is not empty. */
  FrozenFeatures(Rows rows, FrozenPrefix prefix, FeatureCache cache, RecordStores stores) {
    this.rows = rows;
    this.prefix = prefix;
    this.cache = cache;
    this.stores = stores;
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public Batch batch(int[] order, int from, int to) {
    if (records != null && records.size() == rows.size()) {
      return records.batch(order, from, to);
    }
    Batch batch = rows.batch(order, from, to);
    Batch features =
        new Batch(List.of(prefix.features(batch.inputs())), batch.labels(), batch.weights());
    if (cache != FeatureCache.OFF && records == null && from == 0) {
      open(batch.inputs(), features);
    }
    if (records != null) {
      records.put(order, from, features);
    }
    return features;
  }

  @Override
  public List<Tensor> zeros() {
    return List.of(prefix.features(rows.zeros()));
  }

  /** Whether the cache is used and why, once there was a batch. */
  String use() {
    return use;
  }

  /** Decides by the first batch whether to cache. */
  private void open(List<Tensor> inputs, Batch batch) {
    Tensor features = batch.inputs().get(0);
    String objection = objection(inputs, batch);
    if (objection == null) {
      RecordStore store = stores.open(FeatureRecords.bytes(batch));
      records = new FeatureRecords(batch, store);
      use =
          "used, %d numbers a row; %s".formatted(features.numel() / features.size(0), prefix.end());
    } else if (cache == FeatureCache.ON) {
      throw new InputException("cacheFrozenFeatures: on, but %s.".formatted(objection));
    } else {
      use = "not used: " + objection;
      cache = FeatureCache.OFF;
    }
  }

  private @Nullable String objection(List<Tensor> inputs, Batch batch) {
    Tensor features = batch.inputs().get(0);
    if (features.rank() == 0 || features.size(0) != batch.size()) {
      return "the frozen layers put out %s for %d rows".formatted(features.shape(), batch.size());
    }
    if (features.dtype() != DType.FLOAT32) {
      return "the frozen layers put out %s".formatted(features.dtype());
    }
    long all = features.numel() / features.size(0) * Float.BYTES * rows.size();
    long given = inputs.stream().mapToLong(Tensor::numel).sum();
    boolean fits = all <= Runtime.getRuntime().maxMemory() / 4;
    if (cache == FeatureCache.AUTO && !fits && features.numel() > MOST_TIMES_THE_INPUT * given) {
      return "the features would take %,d MB, %.1f times as much as the rows"
          .formatted(all >> 20, (double) features.numel() / given);
    }
    return null;
  }

  @Override
  public void close() {
    if (records != null) {
      records.close();
    }
  }
}
