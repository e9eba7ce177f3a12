// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * Local files under {@code standing:}. Who writes a checkpoint stands still with the file half
 * written until it is interrupted; like HDFS it refuses calls of a thread that is.
 */
public final class StandingFileSystem extends RawLocalFileSystem {
  private static final int HALF = 100;

  @Override
  public String getScheme() {
    return "standing";
  }

  @Override
  public URI getUri() {
    return URI.create("standing:///");
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    FSDataOutputStream out =
        super.create(file, overwrite, bufferSize, replication, blockSize, progress);
    return file.getName().startsWith(".epoch-") ? new Standing(out) : out;
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
