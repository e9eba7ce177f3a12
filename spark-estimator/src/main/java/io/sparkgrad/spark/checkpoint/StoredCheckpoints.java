// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.checkpoint;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes checkpoints to a folder aside from training, by a thread of its own. One is written at a
 * time: if the next is due before, training waits, so that a slow file system costs time and not
 * checkpoints.
 */
final class StoredCheckpoints implements CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(StoredCheckpoints.class);
  private static final long LAST_WRITE_SECONDS = 5;

  private final CheckpointFolder folder;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "sparkgrad-checkpoint-writer");
            thread.setDaemon(true);
            return thread;
          });
  private @Nullable Future<?> writing;

  StoredCheckpoints(CheckpointFolder folder) throws IOException {
    this.folder = folder;
    folder.removeUnfinished();
  }

  @Override
  public Optional<Checkpoint> latest() {
    try {
      return folder.latest();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "checkpointDir: %s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  @Override
  public void save(Checkpoint checkpoint) {
    byte[] content = checkpoint.encode(); // training goes on to change the tensors
    flush();
    writing = writer.submit(() -> write(checkpoint.position(), content));
  }

  private void write(Position position, byte[] content) {
    try {
      folder.write(position, content);
    } catch (IOException | RuntimeException e) {
      LOG.warn("no checkpoint at {}: {}", position, e.getMessage());
    }
  }

  @Override
  public void flush() {
    try {
      if (writing != null) {
        writing.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a checkpoint is written", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a checkpoint cannot be written", e.getCause());
    }
  }

  @Override
  public Optional<String> lastComplete() {
    return folder.lastComplete().map(Path::toString);
  }

  @Override
  public void close() {
    writer.shutdown();
    boolean ended = false;
    try {
      ended = writer.awaitTermination(LAST_WRITE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      writer.shutdownNow();
    }
  }
}
