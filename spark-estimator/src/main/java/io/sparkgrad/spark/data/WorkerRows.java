// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows that were dealt to one worker, kept for all epochs. */
public final class WorkerRows implements AutoCloseable {
  private final StoredRows training;
  private final StoredRows validation;
  private RowsFingerprint fingerprint = RowsFingerprint.NONE;
  private @Nullable Rejection rejection;

  private WorkerRows(RowSpec spec, RecordStores stores) {
    training = new StoredRows(spec, stores);
    validation = new StoredRows(spec, stores);
  }

  /**
   * Takes all rows that {@link DealtRows} dealt to this worker. Those behind one that cannot be
   * used are looked at too: of several, the first in the DataFrame is the one to speak of.
   */
  public static WorkerRows load(Iterator<byte[]> dealt, RowSpec spec, RecordStores stores) {
    WorkerRows rows = new WorkerRows(spec, stores);
    try {
      while (dealt.hasNext()) {
        rows.add(EncodedRow.of(dealt.next()));
      }
      rows.training.seal();
      rows.validation.seal();
      return rows;
    } catch (RuntimeException | Error e) {
      try {
        rows.close();
      } catch (RuntimeException hidden) {
        e.addSuppressed(hidden);
      }
      throw e;
    }
  }

  private void add(EncodedRow row) {
    fingerprint = fingerprint.plus(row);
    switch (row.kind()) {
      case TRAINING -> training.append(row);
      case VALIDATION -> validation.append(row);
      case REJECTED -> {
        if (rejection == null || row.place() < rejection.place()) {
          rejection = new Rejection(row.place(), row.sentence());
        }
      }
    }
  }

  /** In the order of the DataFrame. */
  public StoredRows training() {
    return training;
  }

  /** Those that are not trained on, in the order of the DataFrame. */
  public StoredRows validation() {
    return validation;
  }

  /** Of all rows of this worker. */
  public RowsFingerprint fingerprint() {
    return fingerprint;
  }

  /** The first row that cannot be used; empty if all can. */
  public Optional<Rejection> rejection() {
    return Optional.ofNullable(rejection);
  }

  @Override
  public void close() {
    try (training) {
      validation.close();
    }
  }
}
