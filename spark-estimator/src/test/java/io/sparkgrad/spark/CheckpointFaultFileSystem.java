// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/** Local files under a scheme of their own, with which something happens to checkpoints. */
abstract class CheckpointFaultFileSystem extends RawLocalFileSystem {
  /** Asked for before the constructor of a subclass runs. */
  @Override
  public abstract String getScheme();

  /**
   * What a checkpoint is written to.
   *
   * @param file not there under its final name yet
   * @param out to this file
   */
  abstract FSDataOutputStream checkpoint(Path file, FSDataOutputStream out) throws IOException;

  @Override
  public final URI getUri() {
    return URI.create(getScheme() + ":///");
  }

  @Override
  public final FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    FSDataOutputStream out =
        super.create(file, overwrite, bufferSize, replication, blockSize, progress);
    return file.getName().startsWith(".epoch-") ? checkpoint(file, out) : out;
  }
}
