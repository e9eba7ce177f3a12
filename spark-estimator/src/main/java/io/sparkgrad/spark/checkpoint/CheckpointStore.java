// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.checkpoint;

import java.util.Optional;

/** Where the checkpoints of one fit are kept; used by rank 0 only. */
public interface CheckpointStore extends AutoCloseable {
  /** Keeps nothing. */
  CheckpointStore NONE =
      new CheckpointStore() {
        @Override
        public Optional<Checkpoint> latest() {
          return Optional.empty();
        }

        @Override
        public void save(Checkpoint checkpoint) {}

        @Override
        public void flush() {}

        @Override
        public Optional<String> lastComplete() {
          return Optional.empty();
        }

        @Override
        public void close() {}
      };

  /**
   * The newest that can be read.
   *
   * @throws IllegalArgumentException in one sentence if a later Sparkgrad wrote it
   */
  Optional<Checkpoint> latest();

  /**
   * Keeps a checkpoint. May return before it is written; what cannot be written costs a warning and
   * not the fit.
   */
  void save(Checkpoint checkpoint);

  /** Waits until all that was saved is written. */
  void flush();

  /** For messages: the file of the newest checkpoint that is known to be complete. */
  Optional<String> lastComplete();

  /** Gives what is being written a few seconds. */
  @Override
  void close();
}
