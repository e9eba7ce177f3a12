// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import java.io.InterruptedIOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;

/**
 * Local files under {@code standing:}. Who writes a checkpoint stands still with the file half
 * written until it is interrupted; like HDFS it refuses calls of a thread that is.
 */
public final class StandingFileSystem extends CheckpointFaultFileSystem {
  private static final int HALF = 100;

  @Override
  public String getScheme() {
    return "standing";
  }

  @Override
  FSDataOutputStream checkpoint(Path file, FSDataOutputStream out) throws IOException {
    return new Standing(out);
  }

  @Override
  public boolean delete(Path file, boolean recursive) throws IOException {
    requireNotInterrupted();
    return super.delete(file, recursive);
  }

  private static void requireNotInterrupted() throws InterruptedIOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
  }

  private static final class Standing extends FSDataOutputStream {
    Standing(FSDataOutputStream out) throws IOException {
      super(out, null);
    }

    @Override
    public synchronized void write(byte[] content, int from, int length) throws IOException {
      super.write(content, from, Math.min(length, HALF));
      flush();
      try {
        Thread.sleep(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        requireNotInterrupted();
      }
    }
  }
}
