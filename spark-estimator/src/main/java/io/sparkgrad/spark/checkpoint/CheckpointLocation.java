// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.checkpoint;

import java.io.IOException;
import java.io.Serializable;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Where a fit keeps its checkpoints, as its workers have to know it.
 *
 * @param folder on any Hadoop file system that the driver and all executors reach
 * @param keep how many checkpoints are kept, at least 1
 * @param hadoop how the file system is reached
 */
public record CheckpointLocation(String folder, int keep, SerializableConfiguration hadoop)
    implements Serializable {

  /**
   * Makes the folder if it is not there yet.
   *
   * @throws IllegalArgumentException if no file can be written there
   */
  public void requireWritable() {
    try {
      checkpoints().requireWritable();
    } catch (IOException | RuntimeException e) {
      throw unusable("written", e);
    }
  }

  /** Opens the folder; for one process at a time. */
  public CheckpointStore open() {
    try {
      return new StoredCheckpoints(checkpoints());
    } catch (IOException | RuntimeException e) {
      throw unusable("read", e);
    }
  }

  private CheckpointFolder checkpoints() throws IOException {
    return new CheckpointFolder(folder, hadoop.value(), keep);
  }

  private IllegalArgumentException unusable(String how, Exception e) {
    return new IllegalArgumentException(
        "checkpointDir: %s cannot be %s: %s; give a folder that driver and executors can write to."
            .formatted(folder, how, e.getMessage()),
        e);
  }
}
